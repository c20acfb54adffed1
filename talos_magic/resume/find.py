"""Find the scan to resume, and check that it is still the same."""

from collections.abc import Sequence
from pathlib import Path

from talos_magic.errors import DamagedScanError, InvalidInputError, ResumeError
from talos_magic.formatting import format_round_numbers, pluralize
from talos_magic.resume.identity import ScanIdentity
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.storage.folders import scan_folders
from talos_magic.storage.saved_scan import FAILURES, SavedScan, by_round, label_lists
from talos_magic.storage.scan_reader import refusal


def find_earlier(
    root: Path, name: str, *, resume: bool, fresh: bool, named: bool = True
) -> SavedScan | None:
    """Find the experiment's newest scan; None if there is none to resume or all its rounds failed.

    If the user has `named` an experiment that has a scan, `resume` or `fresh` must be given;
    otherwise a new scan begins. Raise if this is unclear, or if the scan cannot be resumed.
    """
    if resume and fresh:
        raise InvalidInputError("--resume and --fresh contradict each other: give one")
    if fresh or not (resume or named):
        return None
    folders = scan_folders(root, name)
    if not folders:
        return None
    saved = SavedScan.open(folders[-1])
    if _has_only_failures(saved):
        return None
    if not resume:
        raise ResumeError(
            f"{name} already has a scan ({pluralize(len(saved.records), 'round')}, begun "
            f"{saved.folder.name}): resume it with --resume, or begin a new one beside it with "
            "--fresh"
        )
    _check_folder(saved)
    return saved


def check_same(saved: SavedScan, identity: ScanIdentity) -> list[str]:
    """Compare a scan with the earlier one, and return notices on what differs.

    Raise if the code, the params or the data have changed; the message shows how.
    """
    differences = identity.differences(ScanIdentity.from_saved(saved))
    if differences.refusals:
        lines = "\n".join(f"  {line}" for line in differences.refusals)
        raise ResumeError(
            f"{saved.name} cannot be resumed, because since {saved.folder.name}\n{lines}\n"
            "undo that, or begin a new scan beside it with --fresh"
        )
    return differences.notices


def failure_notices(rounds: Sequence[Round]) -> list[str]:
    """Say which rounds failed and will not be trained again."""
    failed = [round_.number for round_ in rounds if round_.status == RoundStatus.FAILED]
    if not failed:
        return []
    which = f"{'round' if len(failed) == 1 else 'rounds'} {format_round_numbers(failed)}"
    return [f"{which} failed and will not be trained again; --retry trains them"]


def _has_only_failures(saved: SavedScan) -> bool:
    """Whether nothing would be lost by beginning anew, as after a mistake in the cell."""
    count = len(saved.records)
    if len(by_round(saved.folder / FAILURES)) < count:
        return False
    is_in_a_round = any(r.status == RoundStatus.STOPPED for r in saved.shown_rounds())
    return saved.status == "failed" or (count > 0 and not is_in_a_round)


def _check_folder(saved: SavedScan) -> None:
    labels = label_lists(saved.metadata.get("params"))
    if saved.seed is None or not labels or labels.keys() != saved.first_params.keys():
        raise DamagedScanError(
            f"metadata.json in {saved.folder} is damaged: open what is left with "
            "talos_magic.ScanResult.load, or begin a new scan with --fresh"
        )
    for path in saved.folder.rglob("*"):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise refusal(path)  # the scan would write to another place, or wait for ever
