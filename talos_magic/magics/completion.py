"""Completes the arguments of the magics, and the params' keys in a scan cell, when Tab is pressed.

IPython asks matchers what may replace the token before the cursor. Ours has an answer in the lines
of our magics and in the body of a scan cell only, and where it has one, no other matcher is asked.
"""

import re
from argparse import Action, ArgumentParser, _AppendAction
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import IPython
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.process import arg_split  # type: ignore[attr-defined]

from talos_magic.magics.known_values import KnownValues, subscript_keys
from talos_magic.magics.lookup import PARAMS, unquoted

MAGIC = re.compile(r"\s*%%?(talos_\w+)\s")
SCAN_CELL = re.compile(r"\s*%%talos_scan\b(.*)")


class Completion:
    """A matcher of IPython's completer, from when it is made until it is closed."""

    def __init__(self, shell: InteractiveShell, known: KnownValues) -> None:
        self._shell = shell
        self._known = known
        self._matchers().append(self._match)

    def close(self) -> None:
        """Complete nothing any more."""
        self._matchers().remove(self._match)

    def _matchers(self) -> list[Any]:
        completer: Any = self._shell.Completer
        if IPython.version_info >= (8, 6):
            matchers: list[Any] = completer.custom_matchers
        else:  # whose custom matchers could not silence the others
            matchers = completer.magic_arg_matchers
        return matchers

    def _match(self, context: Any) -> Any:
        """Answer IPython: a list before 8.6, which passes the line, then a MatcherResult."""
        completer: Any = self._shell.Completer
        line = completer.text_until_cursor
        token = completer.splitter.split_line(line)
        is_old = isinstance(context, str)
        try:
            found = self._candidates(line, "" if is_old else context.full_text)
        except Exception:  # noqa: BLE001  # a traceback would be printed into the line
            found = []
        matches = [text for text in dict.fromkeys(found) if text.startswith(token)]
        if is_old:
            return matches
        from IPython.core.completer import SimpleCompletion

        return {
            "completions": [SimpleCompletion(text, type="argument") for text in matches],
            "matched_fragment": token,
            "suppress": bool(matches),
            "ordered": True,
        }

    _match.matcher_api_version = 2  # type: ignore[attr-defined]  # read by IPython

    def _candidates(self, line: str, cell: str) -> list[str]:
        magic = MAGIC.match(line)
        if magic is None:
            return self._keys(line, cell)
        name, text = magic[1], line[magic.end() :]
        if name == "talos_grid":  # which has no parser
            return self._known.dicts()
        magics = self._shell.magics_manager.magics
        function = magics["cell"].get(name) or magics["line"].get(name)
        parser = getattr(function, "parser", None)
        return [] if parser is None else list(_candidates(parser, text, self._known))

    def _keys(self, line: str, cell: str) -> list[str]:
        """Return the keys of the params dict, whatever the notebook calls it, in a scan cell."""
        scan = SCAN_CELL.match(cell)
        if scan is not None:
            parser = self._shell.magics_manager.magics["cell"]["talos_scan"].parser
            given = _Line.of(parser, f"{scan[1]} ").given
            return subscript_keys(line, PARAMS, self._known.keys(given))
        if cell:
            return []
        # IPython before 8.6 shows the line only: other dicts are completed as usual.
        free = [name for name in PARAMS if name not in self._shell.user_ns]
        return subscript_keys(line, free, self._known.keys({}))


@dataclass
class _Line:
    """The arguments of a magic up to the cursor."""

    current: str = ""  # the word before the cursor
    option: Action | None = None  # whose value it is
    given: dict[str, list[str]] = field(default_factory=dict)  # earlier values, by their dest
    positionals: list[str] = field(default_factory=list)  # earlier words without an option

    @classmethod
    def of(cls, parser: ArgumentParser, text: str) -> "_Line":
        line = cls()
        words = arg_split(text, strict=False)
        if words and text.endswith(words[-1]):
            line.current = words.pop()
        for word in words:
            line._add(word, parser)
        flag, equals, value = line.current.partition("=")
        if line.option is None and equals:
            line.option, line.current = _options(parser).get(flag), value
        places = [action for action in parser._actions if not action.option_strings]
        for action, word in zip(places, line.positionals, strict=False):
            line.given.setdefault(action.dest, []).append(word)
        return line

    def _add(self, word: str, parser: ArgumentParser) -> None:
        flag, equals, value = word.partition("=")
        option = _options(parser).get(flag)
        if self.option is not None:
            self.given[self.option.dest].append(unquoted(word))
            self.option = None
        elif option is not None:
            values = self.given.setdefault(option.dest, [])
            if equals:
                values.append(unquoted(value))
            elif option.nargs != 0:
                self.option = option
        else:
            self.positionals.append(word)


def _options(parser: ArgumentParser) -> dict[str, Action]:
    return parser._option_string_actions


def _candidates(parser: ArgumentParser, text: str, known: KnownValues) -> Iterator[str]:
    """Yield what can follow a text of arguments, or replace its last word."""
    line = _Line.of(parser, text)
    if line.option is not None:
        yield from known.values(line.option.dest, line.current, line.given)
        return
    if not line.current.startswith("-"):
        for action in _next_positionals(parser, len(line.positionals)):
            yield from known.values(action.dest, line.current, line.given)
    for action in dict.fromkeys(_options(parser).values()):
        if action.dest not in line.given or isinstance(action, _AppendAction):
            yield from action.option_strings if line.current else action.option_strings[-1:]


def _next_positionals(parser: ArgumentParser, count: int) -> Iterator[Action]:
    """Yield the positional arguments that the next word can be, after so many words."""
    places = [action for action in parser._actions if not action.option_strings]
    for place, action in enumerate(places):
        if place >= count or action.nargs == "*":
            yield action
            if action.nargs is None:  # the others come after it
                return
