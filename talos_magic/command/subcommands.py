"""The subcommands. Each imports what it needs: listing the scans needs neither pandas nor Talos."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talos_magic.command.answer import Answer
from talos_magic.errors import InvalidInputError, ScanError
from talos_magic.formatting import align_columns
from talos_magic.scan.scan_json import as_json

if TYPE_CHECKING:  # they import pandas
    from talos_magic.analysis.comparison import Comparison


def runs(options: Namespace) -> Answer:
    """List the scans."""
    from talos_magic.analysis.listed_scans import COLUMNS, listed_scans

    scans = list(listed_scans(options.root))
    rows = [[str(value) for value in scan.row] for scan in scans]
    nothing = f"no scans in {options.root}: run one with %%talos_scan NAME"
    text = "\n".join(align_columns([COLUMNS, *rows])) if scans else nothing
    return Answer(text, [scan.as_json() for scan in scans])


def best(options: Namespace) -> Answer:
    """Show the best round of a scan."""
    from talos_magic.analysis.best import best_info, facts
    from talos_magic.analysis.catalogue import find_result
    from talos_magic.analysis.listed_scans import listed
    from talos_magic.storage.models import model_path
    from talos_magic.storage.saved_scan import SavedScan

    result = find_result(options.name, options.root)
    info = best_info(result, options.metric)
    metric, minimize = result.direction(options.metric)
    scan = listed(SavedScan.open(result.run_dir), result.run_dir)
    json = replace(scan, metric=metric, minimize=minimize).as_json()
    model = None if info.kept is None else str(model_path(result.run_dir, info.kept.number))
    json["best"]["model"] = model
    where = f"model: {model}" if model else f"its model was not kept: {info.advice}"
    return Answer("\n".join([*facts(info), "", where, f"folder: {result.run_dir}"]), json)


def compare(options: Namespace) -> Answer:
    """List the findings on scans, and write their plot if a file is given."""
    from talos_magic.analysis import compare as comparing
    from talos_magic.analysis.catalogue import find_result

    if len(options.metric) > 2:
        raise InvalidInputError("-m is given more than twice: give one metric, or two to weigh")
    metric, second = [*options.metric, None, None][:2]
    results = [find_result(name, options.root) for name in options.names or [None]]
    comparison = comparing.side_by_side(results, metric)
    sentences = comparing.findings(comparison, second, kind=options.kind)
    lines = list(sentences)
    if options.output is not None:
        _use_no_screen()
        figure, _ = comparing.compare(results, metric, second, kind=options.kind)
        _save(figure, options.output)
        lines.append(f"wrote {options.output}")
    json = {
        "metric": comparison.metric,
        "direction": "min" if comparison.minimize else "max",
        "findings": sentences,
        "ranked": _ranked(comparison),
    }
    return Answer("\n".join(lines), as_json(json))


def _ranked(comparison: "Comparison") -> list[dict[str, Any]]:
    from talos_magic.analysis.comparison import done_numbers

    pairs = zip(comparison.rounds, comparison.experiments, strict=True)
    experiments = {id(round_): experiment for round_, experiment in pairs}
    return [
        {
            "experiment": experiments[id(each.rounds[0])],
            "rounds": done_numbers(each),
            "score": each.mean(comparison.metric),
            "deviation": each.deviation(comparison.metric),
            "params": each.params,
        }
        for each in comparison.combinations
    ]


def _use_no_screen() -> None:
    """Let matplotlib draw into files; of a notebook's kernel, a process inherits other wishes."""
    import matplotlib

    matplotlib.use("agg")


def _save(figure: Any, path: Path) -> None:
    try:
        figure.savefig(path)
    except ValueError as error:  # an unknown suffix
        raise InvalidInputError(f"-o {path}: {error}") from None
    except OSError as error:
        raise ScanError(f"{path} cannot be written: {error.strerror or error}") from None


def export(options: Namespace) -> Answer:
    """Write a scan into a file."""
    from talos_magic.analysis.catalogue import find_result
    from talos_magic.analysis.export.export import export as write
    from talos_magic.experiment.saved_picture import saved_picture

    _use_no_screen()
    result = find_result(options.name, options.root)
    lines = write(result, options.file, options.metric, picture=saved_picture)
    return Answer("\n".join(lines), {"file": str(options.file), "messages": lines})


def doctor(options: Namespace) -> Answer:
    """Show what works in this environment."""
    from talos_magic.doctor.doctor import examine
    from talos_magic.doctor.finding import State, as_text

    findings = examine(options.root)
    has_problem = any(finding.state == State.PROBLEM for finding in findings)
    return Answer(as_text(findings), [each.as_json() for each in findings], int(has_problem))
