"""A session that has begun."""

import pytest

from talos_magic.scan.session import ScanSession


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    return session
