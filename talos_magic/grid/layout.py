"""Wraps long expressions as Black does: one item a line, each with a comma."""

from dataclasses import dataclass, replace

WIDTH = 88
INDENT = "    "


@dataclass(frozen=True)
class Group:
    """Expressions in brackets, where a line may be wrapped."""

    before: str
    items: "tuple[Expression, ...]"
    after: str

    def __str__(self) -> str:
        return f"{self.before}{', '.join(map(str, self.items))}{self.after}"


Expression = str | Group


def prefixed(prefix: str, expression: Expression) -> Expression:
    """Put a key in front of an expression: ``lr=`` or ``"lr": ``.

    Examples
    --------
    >>> str(prefixed("lr=", Group("[", ("1", "2"), "]")))
    'lr=[1, 2]'
    """
    if isinstance(expression, str):
        return prefix + expression
    return replace(expression, before=prefix + expression.before)


def wrapped(expression: Expression, indent: str = "", end: str = "") -> list[str]:
    """Lay an expression out in lines that fit the width, where brackets allow it.

    Parameters
    ----------
    expression : str or Group
        What to lay out.
    indent : str
        What each line starts with.
    end : str
        What the last line ends with.

    Returns
    -------
    list of str
        The lines.

    Examples
    --------
    >>> wrapped(Group("[", ("1" * 50, "2" * 50), "]"))[0]
    '['
    """
    line = f"{indent}{expression}{end}"
    if isinstance(expression, str) or not expression.items or len(line) <= WIDTH:
        return [line]
    inner = [line for item in expression.items for line in wrapped(item, indent + INDENT, ",")]
    # The comma that makes (1,) a tuple has its place after the item now.
    return [indent + expression.before, *inner, indent + expression.after.lstrip(",") + end]
