"""Which names code binds and which it reads from elsewhere, as Python itself sees it."""

import ast

import pytest

from talos_magic.cell.names import reads_first, stores


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("[v * k for v in values]", {"k", "values"}),
        ("{v: w for v, w in pairs if v in pairs}", {"pairs"}),
        ("[v for v in v]", {"v"}),
        ("def f(x, k=k): return x * k", {"k"}),
        ("def f(x: Kind) -> Other: return g(x)", {"Kind", "Other", "g"}),
        ("@deco\ndef f(): return f()", {"deco"}),
        ("def f():\n    global n\n    n += 1", {"n"}),
        ("def f():\n    n = 1\n    def g(): return n\n    return g", set()),
        ("f = lambda q, *r, **kw: q + len(r) + s", {"len", "s"}),
        ("class A(B, metaclass=M):\n    n = 3\n    m = n * k", {"B", "M", "k"}),
        ("class A:\n    n = 3\n    def f(self): return n", {"n"}),
        ("try:\n    a\nexcept E as e:\n    e", {"a", "E"}),
        ("match p:\n    case {'k': v, **rest}:\n        v, rest", {"p"}),
        ("match p:\n    case [v] if v > k:\n        v", {"p", "k"}),
        ("with open(p) as f:\n    data = f.read()\ndata", {"open", "p"}),
        ("total += 1", {"total"}),
        ("import os.path as p\np.join(os)", {"os"}),
    ],
)
def test_names_that_code_reads_from_elsewhere(code: str, reads: set[str]) -> None:
    assert reads_first(ast.parse(code).body) == reads


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a, (b, *c) = d", {"a", "b", "c"}),
        ("[v for v in values]", set()),
        ("x = [last := v for v in values]", {"x", "last"}),
        ("import a.b, c as d\nfrom e import f as g", {"a", "d", "g"}),
        ("from e import *", {"*"}),
        ("for i in a:\n    j = i\nwith b as k: pass", {"i", "j", "k"}),
        ("def f():\n    inner = 1\nclass C:\n    attribute = 1", {"f", "C"}),
    ],
)
def test_names_that_code_binds(code: str, names: set[str]) -> None:
    assert stores(ast.parse(code).body) == names
