"""What the end of a scan says of its scores."""

from talos_magic.scan.score_notices import report_scores
from talos_magic.scan.session import ScanSession


def notices(*curves: list[float], **traits: object) -> list[str]:
    session = ScanSession(total=len(curves), **traits)  # type: ignore[arg-type]
    session.begin()
    for number, curve in enumerate(curves):
        session.start_round({"number": number})
        session.finish_round({"val_acc": curve})
    report_scores(session)
    return list(session.notices)


def test_a_metric_that_is_the_same_in_all_rounds_ranks_none() -> None:
    same = ([0.0, 0.0], [0.0, 0.0])
    assert notices(*same, metric="val_acc") == [
        "val_acc is 0 in all rounds, so it ranks none of them"
    ]


def test_another_winner_by_its_best_epoch_is_named() -> None:
    assert notices([0.2, 0.9, 0.5], [0.4, 0.5, 0.6]) == [
        "by its best epoch, round 0 would win: val_acc 0.9 at epoch 2 of 3 (--score best ranks so, "
        "and keeps those weights)"
    ]


def test_nothing_is_said_where_the_winner_is_the_same() -> None:
    assert notices([0.2, 0.3, 0.1], [0.4, 0.9, 0.6]) == []
    assert notices([0.2, 0.6], [0.6, 0.5], metric="val_acc") == []
    assert notices([0.2, 0.9, 0.5], [0.4, 0.5, 0.6], by_best_epoch=True) == []
    assert notices([float("nan")]) == []


def test_a_metric_that_ranks_none_is_named_if_only_its_direction_was_asked_for() -> None:
    assert notices([0.0], [0.0], minimize=False) == [
        "val_acc is 0 in all rounds, so it ranks none of them"
    ]
