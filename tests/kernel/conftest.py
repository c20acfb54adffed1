"""A kernel that has run the SETUP of the test's module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .client import Kernel
from .versions import OTHERS, folder_of


@pytest.fixture
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    kernel.run(request.module.SETUP)
    yield kernel
    kernel.close()


VERSIONS = [
    pytest.param(version, marks=pytest.mark.long if version in ("6.17.1", "7.0.1") else ())
    for version in ("installed", *OTHERS)
]


@pytest.fixture(scope="module", params=VERSIONS)
def any_kernel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """Kernels that hear messages in different ways, each for all tests of a module."""
    installed = request.param == "installed"
    folder = tmp_path_factory.mktemp(f"ipykernel-{request.param}")
    kernel = Kernel(folder, None if installed else folder_of(request.param))
    if not installed:
        version = kernel.run("import ipykernel; print(ipykernel.__version__)")
        assert version.strip() == request.param
    kernel.run(request.module.SETUP)
    yield kernel
    kernel.close()
