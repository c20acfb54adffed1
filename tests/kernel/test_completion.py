"""Completion by a kernel, as a page asks for it."""

import pytest

from .client import Kernel

SETUP = """
%load_ext talos_magic
p = {"units": [16, 64], "rate": [0.1]}
"""


@pytest.mark.parametrize(
    ("before", "after", "offered"),
    [
        ("%%talos_scan digits --search b", " --seed 1\nmodel = build()\n", ["bayes"]),
        ('%%talos_scan\nmodel = Dense(params["u', '"])', ["units"]),
    ],
)
def test_a_kernel_completes_a_scan_cell(
    before: str, after: str, offered: list[str], any_kernel: Kernel
) -> None:
    reply = any_kernel.client.complete(before + after, len(before), reply=True, timeout=30)
    content = reply["content"]
    assert content["matches"] == offered
    assert before[content["cursor_start"] :] in ("b", "u")
    assert content["cursor_end"] == len(before)
