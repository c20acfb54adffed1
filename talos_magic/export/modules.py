"""Modules that code imports and that no other machine has: files of the person's own."""

import ast
import importlib.util
import sys
import sysconfig
from pathlib import Path

from talos_magic.syntax import packages

OWN = "talos_magic"


def needed_files(code: str) -> list[str]:
    r"""Name the files that code imports and that neither Python nor an installed package brings.

    Parameters
    ----------
    code : str
        Python source.

    Returns
    -------
    list of str
        Paths, and this package, which a plain script is to do without.

    Examples
    --------
    >>> needed_files("import json, numpy\nfrom talos_magic import report")
    ['talos_magic']
    """
    roots = [Path(place).resolve() for place in sysconfig.get_paths().values()]
    files = []
    for name in sorted(packages(ast.parse(code)) - sys.stdlib_module_names):
        try:
            found = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            continue
        place = found.origin if found is not None else None
        if name == OWN:
            files.append(OWN)
        elif place is not None and not any(root in Path(place).resolve().parents for root in roots):
            files.append(place)
    return files
