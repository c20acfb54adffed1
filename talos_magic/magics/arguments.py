"""Arguments and traits of the magics; those of ``%%talos_scan`` come from the table of options."""

from argparse import Action, Namespace
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from IPython.core import magic_arguments
from IPython.core.error import UsageError
from IPython.utils.process import arg_split  # type: ignore[attr-defined]
from traitlets import Bool, Float, Int, Unicode

from talos_magic.errors import InvalidInputError
from talos_magic.experiment.option_table import OPTIONS, Option
from talos_magic.magics.lookup import unquoted

argument: Any = magic_arguments.argument  # IPython has no type hints
_magic_arguments: Any = magic_arguments.magic_arguments

TRAITS: dict[type, Any] = {str: Unicode, int: Int, float: Float}
NUMBERS = {int: "a whole number", float: "a number"}

# Options of Talos's Scan that are called otherwise here; {} stands for the value.
TALOS = {
    "experiment_name": "use {}, without an option",
    "fraction_limit": "use --fraction {}",
    "round_limit": "use --rounds {}",
    "time_limit": "use --time with a duration, such as --time 30m",
    "boolean_limit": "use --where {}",
    "random_method": "use --sample {}",
    "performance_target": "use --target and -m, such as --target 0.9 -m val_accuracy",
    "reduction_method": "use --reduce {}",
    "reduction_metric": "use -m {}",
    "minimize_loss": "use --minimize",
    "save_models": "use --keep, such as --keep all",
    "save_weights": "use --keep, such as --keep all",
    "disable_progress_bar": "use --quiet",
    "reduction_interval": "leave it out: --reduce looks at the grid every 20 rounds",
    "reduction_window": "leave it out: --reduce looks at the last 20 rounds",
    "reduction_threshold": "leave it out: --reduce has Talos's default",
    "clear_session": "leave it out: a finished round's model is always freed",
    "print_params": "leave it out: the view shows them",
    "multi_input": "leave it out: -x takes a list or dict of inputs",
}


class _Once(Action):
    """Take a value; refuse a second one, which would silently replace the first."""

    def __call__(self, parser: Any, namespace: Any, values: Any, flag: str | None = None) -> None:
        if flag is not None and getattr(namespace, self.dest) is not None:
            parser.error(f"{flag} is given twice: give it once")
        setattr(namespace, self.dest, values)


def arguments(*each: Any) -> Callable[[Any], Any]:
    """Decorate a magic with its arguments."""

    def decorate(magic: Any) -> Any:
        for one in (*reversed(each), _magic_arguments()):
            magic = one(magic)
        # An abbreviation could become another option's when that is added.
        magic.parser.allow_abbrev = False
        return magic

    return decorate


def scan_argument(option: Option) -> Any:
    """Return the argument of ``%%talos_scan`` for an option."""
    if option.metavar is None:
        return argument(*option.flags, dest=option.name, action="store_true", help=option.full_help)
    described: dict[str, Any] = {
        "metavar": option.metavar,
        "type": _reader(option),
        "help": option.full_help,
    }
    if not option.flags:
        return argument(option.name, nargs="?", **described)
    action = "append" if option.is_repeatable else _Once
    return argument(*option.flags, dest=option.name, action=action, **described)


def _reader(option: Option) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return option.value_type(unquoted(text))
        except ValueError:
            wanted = NUMBERS[option.value_type]
            raise UsageError(f"{option.flags[-1]} is {text!r}: give {wanted}") from None

    return read


def trait(name: str) -> Any:
    """Return the trait by which ``%config TalosMagics`` sets the default of an option."""
    option = OPTIONS[name]
    text = f"{option.full_help[0].upper()}{option.full_help[1:]}."
    if option.metavar is None:
        return Bool(False, help=text).tag(config=True)
    trait_type = TRAITS[option.value_type]
    is_optional = option.default is None
    return trait_type(option.default, allow_none=is_optional, help=text).tag(config=True)


def parse(magic: Any, line: str) -> Namespace:
    """Parse the arguments of a magic; an error says how to correct them."""
    try:
        if magic.parser.prog == "talos_scan":
            _refuse_talos_options(arg_split(line))
        options: Namespace = magic.parser.parse_argstring(line)
    except UsageError as error:
        raise UsageError(f"{error}{_hint(str(error), magic.parser)}") from None
    except ValueError:
        raise UsageError(f"{line.strip()}: a quote is opened and not closed") from None
    return options


def _refuse_talos_options(words: Sequence[str]) -> None:
    """Answer the first of Talos's options, as ``--round_limit 5`` or as ``round_limit=5``."""
    for word, after in zip(words, [*words[1:], ""], strict=False):
        name, sign, value = word.partition("=")
        known = name.lstrip("-").replace("-", "_")
        if known in TALOS and (sign or name.startswith("--")):
            advice = TALOS[known].format(value.rstrip(",") or after or "...")
            raise UsageError(f"{name} is an option of Talos: {advice}")


def _hint(error: str, parser: Any) -> str:
    """Suggest what may have been meant by an unknown option."""
    if "unrecognized" not in error:
        return ""
    wrong = next((word for word in error.split() if word.startswith("-")), "")
    if wrong in ("-h", "--help"):
        prefix = "%%" if parser.prog == "talos_scan" else "%"
        return f": {prefix}{parser.prog}? shows the options"
    near = get_close_matches(wrong.partition("=")[0], parser._option_string_actions, 1, 0.8)
    return f": did you mean {near[0]}?" if near else "; put a value with spaces in quotes"


def metrics(given: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the metric that ranks the rounds, and the one to weigh against it."""
    if len(given) > 2:
        raise InvalidInputError(f"-m {' -m '.join(given)}: give one metric, or two to weigh")
    first, second = [*given, None, None][:2]
    return first or None, second
