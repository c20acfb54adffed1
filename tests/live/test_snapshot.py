"""The static picture: complete, safe, small, and in need of nothing."""

import re
from base64 import b64decode
from xml.etree import ElementTree

import bleach
import pytest

from talos_magic.live.leaderboard import leaderboard
from talos_magic.live.snapshot import COLOURS, snapshot_html
from talos_magic.scan.round import RoundStatus, Step
from talos_magic.scan.session import ScanSession
from talos_magic.scan.stop_rules import reason_to_stop


def session_of(rounds: int, epochs: int = 5, total: int | None = None) -> ScanSession:
    session = ScanSession(name="demo", total=rounds if total is None else total, seed=1)
    session.begin()
    for number in range(rounds):
        session.start_round({"lr": number / 7, "opt": "Adam"})
        for epoch in range(epochs):
            session.end_epoch({"loss": 1 / (epoch + number + 1), "val_loss": 1 / (epoch + 2)})
        session.finish_round({"loss": [1 / (epochs + number)], "val_loss": [1 / (number + 2)]})
    session.end("done")
    return session


def picture(html: str) -> ElementTree.Element:
    """All of its images, as one element."""
    drawn = ElementTree.Element("all")
    for data in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html):
        drawn.append(ElementTree.fromstring(b64decode(data)))
    return drawn


def test_every_round_is_in_picture_and_table() -> None:
    html = snapshot_html(session_of(4))
    lines = picture(html).findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4 * 2
    assert html.count("<tr>") == 1 + 4
    assert "best: round 3 · val_loss 0.2" in html
    assert ">lr</th>" in html
    assert ">opt</th>" not in html  # it never varied


def test_a_scan_without_rounds_says_so() -> None:
    assert "no round has finished" in snapshot_html(ScanSession(name="demo", total=4))


def test_rounds_of_one_epoch_are_dots() -> None:
    drawn = picture(snapshot_html(session_of(3, epochs=1)))
    assert len(drawn.findall(".//{http://www.w3.org/2000/svg}circle")) == 3 * 2
    assert "epoch 2" not in ElementTree.tostring(drawn, encoding="unicode")


def test_pruned_rounds_do_not_squeeze_the_others() -> None:
    session = ScanSession(name="demo", total=3, minimize=True)
    session.begin()
    for number in range(3):
        session.start_round({"lr": number})
        for loss in (0.7, 0.6):
            session.end_epoch({"loss": 1000.0 if number == 2 else loss + number / 10})
        if number < 2:
            session.finish_round({"loss": [0.7, 0.6 + number / 10]})
    session.cut_round(RoundStatus.PRUNED)
    texts = [each.text for each in picture(snapshot_html(session)).iter() if each.text]
    assert "0.8" in texts
    assert not any("1000" in text for text in texts)


def test_what_ended_the_scan_is_to_be_taken_away_to_go_on() -> None:
    session = ScanSession(
        name="demo", folder="demo/1", total=3, target=0.5, minimize=True, metric="loss"
    )
    session.stop_rule = reason_to_stop
    session.begin()
    session.start_round({"lr": 1.0})
    session.finish_round({"loss": [0.4]})
    assert session.wants_no_more()
    session.end("stopped")
    assert (
        "put --resume (not --fresh) into the cell&#x27;s first line and remove --target"
        in snapshot_html(session)
    )


def test_what_is_not_on_disk_is_not_said_to_be() -> None:
    session = ScanSession(name="demo", total=3)
    session.begin()
    session.start_round({"lr": 1.0})
    session.finish_round({"loss": [0.4]})
    assert "saved" not in snapshot_html(session)  # while it runs, it may yet be
    session.end("stopped")
    html = snapshot_html(session)
    assert "2 of 3 rounds were not trained · not saved to disk" in html
    assert "--resume" not in html
    assert "ScanResult" not in html


def test_a_cell_that_always_fails_is_to_be_mended_first() -> None:
    session = ScanSession(name="demo", folder="demo/1", total=9)
    session.begin()
    session.start_round({"lr": 1.0})
    session.fail_round("ValueError: no", "")
    session.end("stopped")
    assert "fix the cell and run it again: a new scan begins" in snapshot_html(session)


def test_it_needs_no_script_no_style_sheet_and_no_network() -> None:
    html = snapshot_html(session_of(3))
    assert not re.search(r"<(script|style|link|svg|iframe)|https?://|\son\w+=", html)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img onerror=x>', "a & b"])
def test_texts_of_the_person_stay_texts(text: str) -> None:
    session = ScanSession(name=text, total=2)
    session.begin()
    for value in (text, "other"):
        session.start_round({text: value})
        session.end_epoch({text: 1.0})
        session.finish_round({text: [1.0]})
    session.start_round({text: text})
    session.fail_round(text, "")
    session.notice(text)
    session.end("done")
    html = snapshot_html(session)
    assert text not in html
    picture(html)


def test_curves_that_were_cut_short_are_dashed() -> None:
    session = session_of(2, total=4)
    session.rounds[0].status = RoundStatus.SKIPPED
    lines = picture(snapshot_html(session)).findall(".//{*}polyline")
    assert [line.get("stroke-dasharray") for line in lines].count("4 3") == len(lines) / 2


def test_paused_rounds_are_shown_as_such_while_the_scan_runs_and_after_it() -> None:
    session = session_of(2, total=4)
    session.state, session.folder = "running", "demo/1"
    session.start_round({"lr": 1.0, "opt": "Adam"})
    session.end_epoch({"loss": 1000.0, "val_loss": 1000.0})
    session.end_epoch({"loss": 900.0, "val_loss": 900.0})
    session.pause_round()
    html = snapshot_html(session)
    assert "running · 2 of 4 rounds · 1 paused" in html
    assert "paused rounds go on if they are among the best" in html
    assert 'title="round 2: paused"' in html
    assert f"background:{COLOURS['paused']}" in html
    assert re.search(r'<span title="paused">‖</span> 2</td><td align="right">900\W', html)
    lines = picture(html).findall(".//{*}polyline")
    assert [line.get("stroke-dasharray") for line in lines].count("4 3") == 2
    assert not any("1000" in (each.text or "") for each in picture(html).iter())
    session.end("stopped", "stopped by you")
    html = snapshot_html(session)
    assert "1 of 4 rounds was not trained · 1 round paused · to resume: put --resume" in html
    assert '<span title="paused">‖</span> 2</td>' in html
    assert "go on if" not in html


def test_without_a_done_round_all_curves_fit() -> None:
    session = ScanSession(name="demo", total=4)
    session.begin()
    for loss in (70.0, 10.0):
        session.start_round({"lr": loss})
        session.end_epoch({"loss": loss})
        session.end_epoch({"loss": loss - 1})
        if loss == 70.0:
            session.pause_round()
    texts = {each.text for each in picture(snapshot_html(session)).iter()}
    assert {"9", "70"} <= texts


def test_failed_and_stopped_rounds_are_told_apart() -> None:
    session = session_of(1, total=4)
    session.start_round({"lr": 1.0, "opt": "SGD"})
    session.fail_round("ValueError: bad", "")
    session.start_round({"lr": 2.0, "opt": "SGD"})
    session.end("stopped", "stopped by you")
    html = snapshot_html(session)
    assert "stopped by you · 2 of 4 rounds · 1 failed" in html
    assert "failed: ValueError: bad" in html
    assert html.count('style="display:flex;flex:1 1 0"') == 4


@pytest.mark.parametrize("epochs", [99, 100, 149])
def test_a_long_scan_stays_small(epochs: int) -> None:
    html = snapshot_html(session_of(1000, epochs=epochs))
    assert len(html) < 200_000
    assert "… and 980 more rounds" in html


def test_many_long_curves_stay_small_too() -> None:
    session = ScanSession(name="demo", total=400, seed=1)
    session.begin()
    names = ["loss", "val_loss", "accuracy", "val_accuracy", "f1", "val_f1", "auc", "val_auc"]
    for number in range(400):
        session.start_round({"lr": number / 7})
        curve = [1 / (epoch + number + 1.234567) for epoch in range(99)]
        session.finish_round(dict.fromkeys(names, curve))
    assert len(snapshot_html(session)) < 200_000


def test_a_metric_that_few_rounds_have_is_no_hindrance() -> None:
    session = ScanSession(name="demo", total=100, seed=1)
    session.begin()
    for number in range(100):
        session.start_round({"lr": number / 7})
        session.finish_round({"loss": [0.5], **({"f1": [0.5]} if number == 1 else {})})
    assert len(picture(snapshot_html(session))) >= 1


def test_gaps_and_no_curves_at_all_are_drawn() -> None:
    session = ScanSession(total=2)
    session.begin()
    session.start_round({"lr": 1})
    session.end_epoch({"loss": float("nan")})
    session.end_epoch({"loss": float("inf")})
    session.end_epoch({"loss": 0.5})
    session.finish_round({"loss": [0.5]})
    session.start_round({"lr": 2})
    session.fail_round("E", "")
    session.end("done")
    assert "nan" not in ElementTree.tostring(picture(snapshot_html(session)), encoding="unicode")


def test_validation_is_explained_where_there_is_any() -> None:
    session = ScanSession(name="demo", total=1)
    session.begin()
    session.start_round({"lr": 1})
    session.end_epoch({"loss": 1.0, "score": 1.0, "val_score": 0.5})
    session.finish_round({"loss": [1.0]})
    text = ElementTree.tostring(picture(snapshot_html(session)), encoding="unicode")
    assert text.count("bold: validation, thin: training") == 1


def test_rounds_left_out_of_the_picture_are_counted() -> None:
    text = ElementTree.tostring(picture(snapshot_html(session_of(100))), encoding="unicode")
    lines = text.count("polyline")
    assert f"{lines // 2} of 100 rounds" in text


# What github.com leaves of a notebook's HTML: github/markup's README and the allow list of
# html-pipeline's SanitizationFilter, to which it points.
GITHUB_TAGS = (
    "h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p picture ol ul "
    "table thead tbody tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s "
    "strike summary details caption figure figcaption abbr bdo cite dfn mark small source span "
    "time wbr"
)
GITHUB_ATTRIBUTES = {"*": ["alt", "title", "width", "height", "align"], "img": ["src", "longdesc"]}


def test_github_leaves_all_that_is_said() -> None:
    """Styles and images inside the page go; the picture's text stays in its place."""
    session = session_of(3, total=5)
    session.start_round({"lr": 1.0, "opt": "SGD"})
    session.fail_round("ValueError: bad", "")
    session.state = "running"
    session.end("stopped", "stopped by you")
    left = bleach.clean(
        snapshot_html(session),
        tags=set(GITHUB_TAGS.split()),
        attributes=GITHUB_ATTRIBUTES,
        protocols=["http", "https"],
        strip=True,
    )
    assert "data:" not in left
    assert "style" not in left
    assert 'alt="Curves of 4 rounds by epoch: loss. best: round 2' in left
    assert "stopped by you · 4 of 5 rounds · 1 failed" in left
    assert "1 of 5 rounds was not trained" in left
    assert left.count("<tr>") == 1 + 4 + 1  # the error has its own
    assert "failed: ValueError: bad" in left


def test_it_tells_how_to_open_the_scan_again() -> None:
    session = session_of(2)
    session.folder = "lenet/2026-11-24_160000"
    html = snapshot_html(session)
    assert "talos_magic.ScanResult.load(&#x27;lenet/2026-11-24_160000&#x27;)" in html
    assert "not trained" not in html


def test_a_running_scan_shows_its_round() -> None:
    session = session_of(2, total=4)
    session.state = "running"
    session.start_round({"lr": 1.0, "opt": "SGD"})
    session.end_epoch({"loss": 0.5, "val_loss": 0.4})
    session.step(Step(1, 10))
    html = snapshot_html(session)
    assert "round 2 · epoch 2 of 10" in html
    assert "2 of 4 rounds" in html
    assert "to load it" not in html
    assert len(picture(html).findall(".//*[@stroke='#2f8fd0']")) == 2


def test_each_of_several_running_rounds_has_a_line() -> None:
    session = session_of(0, total=9)
    session.state = "running"
    for number in range(6):
        session.start_round({"lr": number, "opt": "SGD"})
        session.end_epoch({"loss": 0.5 + number}, number=number)
    html = snapshot_html(session)
    lines = [f"round {number} · epoch 1 · lr {number}, opt SGD" for number in range(4)]
    assert f"<p>{'<br>'.join([*lines, 'and 2 more'])}</p>" in html
    assert len(picture(html).findall(".//*[@stroke='#2f8fd0']")) == 6


def test_many_rounds_share_sixty_segments_in_their_order() -> None:
    session = session_of(600)
    html = snapshot_html(session)
    assert html.count('style="display:flex;flex:1 1 0"') == 60
    assert 'title="rounds 590 to 599: 1 best, 9 done"' in html


def test_a_segment_of_many_rounds_shows_the_share_of_each_outcome() -> None:
    session = session_of(550, total=600)
    for round_ in session.rounds[:550:10]:
        round_.status = RoundStatus.FAILED
    html = snapshot_html(session)
    shares = [
        f'<div style="flex:{share} 1 0;height:8px;background:{COLOURS[name]}"></div>'
        for name, share in (("done", 9), ("failed", 1))
    ]
    assert f'9 done, 1 failed" style="display:flex;flex:1 1 0">{"".join(shares)}</div>' in html
    assert 'title="rounds 590 to 599: 10 waiting"' in html


def test_long_values_are_cut() -> None:
    session = ScanSession(name="demo", total=60)
    session.begin()
    for number in range(60):
        long = "".join(f"layer {layer}, " for layer in range(500))
        session.start_round({"lr": 0.1, "layers": f"{number} {long} {number}"})
        session.finish_round({"loss": [60 - number]})
    html = snapshot_html(session)
    assert re.search(r">58 layer 0, [^<]*…[^<]* layer 499,  58</td>", html)
    assert len(html) < 60_000


def test_the_running_round_is_in_no_table() -> None:
    session = session_of(1, total=4)
    session.start_round({"lr": 1.0, "opt": "SGD"})
    session.end_epoch({"loss": 0.5, "val_loss": 0.4})
    assert [row[0] for row in leaderboard(session).rows] == ["0"]


def test_between_two_fits_a_curve_has_a_gap_and_the_axis_a_mark() -> None:
    session = ScanSession(name="demo", total=1)
    session.begin()
    session.start_round({"lr": 0.1})
    for losses in ([0.5, 0.4, 0.3], [0.6, 0.5]):
        session.start_phase()
        for loss in losses:
            session.end_epoch({"loss": loss})
    (address,) = re.findall('base64,([^"]*)"', snapshot_html(session))
    picture = ElementTree.fromstring(b64decode(address))
    lines = picture.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [3, 2]
    marks = [p for p in picture.iter() if p.attrib.get("stroke-dasharray") == "2 3"]
    assert len(marks) == 1
