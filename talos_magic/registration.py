"""Makes the magics known to a shell, and takes them away again."""

from IPython.core.interactiveshell import InteractiveShell

from talos_magic.magics import TalosMagics


def register(shell: InteractiveShell) -> None:
    """Make the magics known to a shell."""
    shell.register_magics(TalosMagics)


def unregister(shell: InteractiveShell) -> None:
    """Take away everything that `register` brought."""
    magics = shell.magics_manager
    for kind, names in TalosMagics.magics.items():
        for name in names:
            magics.magics[kind].pop(name, None)
    magics.registry.pop(TalosMagics.__name__, None)
    for configurable in shell.configurables:
        if isinstance(configurable, TalosMagics):
            configurable.editors.close()
    shell.configurables[:] = [c for c in shell.configurables if not isinstance(c, TalosMagics)]
