"""A result as an output of a cell: a line and a small table, whatever the params are called."""

from talos_magic.engine.result_html import MOST_ROWS, result_html
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.values.labels import Label


def combination(*numbers: int, params: dict[str, Label]) -> Combination:
    done = RoundStatus.DONE
    return Combination(
        [Round(n, params, status=done, metrics={"loss": n / 10}, duration=61) for n in numbers]
    )


def test_it_has_the_best_ones_only() -> None:
    ranked = [combination(number, params={"lr": number}) for number in range(MOST_ROWS + 3)]
    html = result_html("13 rounds", ranked, "loss")
    assert html.count("<tr>") == MOST_ROWS
    assert "… and 3 more: " in html
    assert "<td>1:01</td>" in html


def test_repeats_share_a_row() -> None:
    html = result_html("", [combination(4, 5, 6, params={"lr": 1})], "loss")
    assert "<td>4–6</td>" in html
    assert "<td>0.5 ± 0.1</td>" in html


def test_what_the_user_wrote_is_text() -> None:
    ranked = [combination(n, params={"<i>": f"<script>{n}</script>"}) for n in range(2)]
    html = result_html("<b>", ranked, "loss")
    assert not [tag for tag in ("<b>", "<i>", "<script>") if tag in html]
    assert "&lt;script&gt;1&lt;/script&gt;" in html


def test_a_hyperparameter_may_have_the_name_of_another_column() -> None:
    ranked = [combination(n, params={"loss": f"mse{n}", "time": n}) for n in range(2)]
    html = result_html("", ranked, "loss")
    heads = [each.partition("</th>")[0] for each in html.split("<th>")[1:]]
    assert heads == ["round", "loss", "time", "param__loss", "param__time"]
    assert "<td>0.1</td>" in html


def test_without_a_best_there_is_a_line() -> None:
    assert result_html("2 rounds in a<b>", [], "") == "<p>2 rounds in a&lt;b&gt;</p>"
