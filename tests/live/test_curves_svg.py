"""The curves of the picture: their widths and their axes."""

from xml.etree import ElementTree

from talos_magic.live.curves_svg import curves_svg
from talos_magic.scan.session import ScanSession

SVG = "{http://www.w3.org/2000/svg}"


def drawn(epochs: int) -> ElementTree.Element:
    session = ScanSession(name="demo", total=3, metric="val_loss", minimize=True)
    session.begin()
    for number in range(2):
        session.start_round({"lr": number})
        curve = [number + 1 - epoch / epochs for epoch in range(epochs)]
        session.finish_round({"loss": curve, "val_loss": curve})
    return ElementTree.fromstring(curves_svg(session)["loss"])


def test_the_best_round_is_bolder_than_the_others_and_validation_than_training() -> None:
    lines = drawn(30).findall(f".//{SVG}polyline")
    training, validation, *best = [float(line.attrib["stroke-width"]) for line in lines]
    assert training < validation < best[1]
    assert training < best[0] < best[1]


def test_the_axes_name_the_middle_and_some_epochs() -> None:
    texts = [text.text for text in drawn(30).findall(f".//{SVG}text") if text.text]
    assert texts[-8:] == ["0", "1", "2", "epoch", "1", "10", "20", "30"]
    assert "1" in [text.text for text in drawn(1).findall(f".//{SVG}text")]
