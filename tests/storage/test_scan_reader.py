"""Only regular files of a scan's folder are read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from talos_magic.errors import DamagedScanError
from talos_magic.storage.scan_reader import read_text, text_lines


def test_text_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "cell.py"
    path.write_bytes("größe = 1\r\nb = '\x85'".encode())
    assert read_text(path) == "größe = 1\r\nb = '\x85'"
    assert len(list(text_lines(path))) == 2


def test_bytes_that_are_no_text_cost_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    path.write_bytes(b"a\xffb\nc\n")
    assert list(text_lines(path)) == ["a\ufffdb\n", "c\n"]


@pytest.mark.parametrize("place", ["missing", "file/cell.py"])
def test_a_missing_file_is_empty(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    assert read_text(tmp_path / place) == ""


ODD = "no regular file, or larger than a gigabyte"


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**40)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.symlink_to("/dev/zero"), "a link"),
        (lambda path: path.symlink_to("/etc/passwd"), "a link"),
        (lambda path: path.symlink_to("nowhere"), "a link"),
        (lambda path: path.symlink_to(path), "a link"),
        (os.mkfifo, ODD),
        (Path.mkdir, ODD),
        (sparse, ODD),
    ],
    ids=["device", "file elsewhere", "dangling link", "circle", "fifo", "folder", "sparse file"],
)
def test_what_no_scan_writes_is_refused_in_a_line(
    tmp_path: Path, make: Callable[[Path], object], what: str
) -> None:
    path = tmp_path / "metadata.json"
    make(path)
    with pytest.raises(DamagedScanError) as refused:
        read_text(path)
    assert str(refused.value) == f"{path} is {what}, which no scan makes: replace or delete it"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_without_permission_is_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.touch(mode=0)
    with pytest.raises(DamagedScanError, match="cannot be read: Permission denied"):
        read_text(path)


def test_no_refusal_leaves_a_file_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in "abc":
        os.mkfifo(tmp_path / name)
        with pytest.raises(DamagedScanError):
            read_text(tmp_path / name)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
