"""Wraps long expressions in Black's style: one item per line."""

from dataclasses import dataclass, replace

WIDTH = 88
INDENT = "    "


@dataclass(frozen=True)
class Group:
    """Expressions in brackets, between which a line can be wrapped."""

    before: str
    items: "tuple[Expression, ...]"
    after: str

    def __str__(self) -> str:
        return f"{self.before}{', '.join(map(str, self.items))}{self.after}"


Expression = str | Group


def prefixed(prefix: str, expression: Expression) -> Expression:
    """Prefix an expression with a key: ``lr=`` or ``"lr": ``."""
    if isinstance(expression, str):
        return prefix + expression
    return replace(expression, before=prefix + expression.before)


def wrapped(expression: Expression, indent: str = "", end: str = "") -> list[str]:
    """Return an expression's lines, of at most `WIDTH` columns where brackets allow it.

    Each line starts with `indent`, the last one ends with `end`.
    """
    line = f"{indent}{expression}{end}"
    if isinstance(expression, str) or not expression.items or len(line) <= WIDTH:
        return [line]
    inner = [line for item in expression.items for line in wrapped(item, indent + INDENT, ",")]
    # The comma of a tuple such as (1,) already follows the item.
    return [indent + expression.before, *inner, indent + expression.after.lstrip(",") + end]
