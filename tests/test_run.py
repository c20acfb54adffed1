"""What scripts call."""

import pytest

from talos_magic import run_scan
from talos_magic.errors import ScanError


def test_a_script_without_params_is_refused() -> None:
    with pytest.raises(ScanError, match="params is empty"):
        run_scan(lambda *_: ({}, None), {})
