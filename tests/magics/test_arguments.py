"""Arguments of the magics, and what is said of wrong ones."""

import inspect

import pytest
from IPython.core.error import UsageError
from talos import Scan

from talos_magic.errors import ScanError
from talos_magic.experiment.option_table import OPTIONS
from talos_magic.magics.arguments import TALOS, metrics, parse
from talos_magic.magics.magics import TalosMagics


@pytest.mark.parametrize(
    ("magic", "line", "said"),
    [
        ("talos_scan", "--rounds abc", "--rounds is 'abc': give a whole number"),
        ("talos_scan", "--seed 1.5", "--seed is '1.5': give a whole number"),
        ("talos_scan", "--target best", "--target is 'best': give a number"),
        ("talos_scan", "--rounds 1 --rounds 2", "--rounds is given twice: give it once"),
        ("talos_scan", "--searhc=a", "unrecognized arguments: --searhc=a: did you mean --search?"),
        ("talos_scan", "--help", "unrecognized arguments: --help: %%talos_scan? shows the options"),
        ("talos_scan", "a b", "unrecognized arguments: b; put a value with spaces in quotes"),
        ("talos_scan", "--where 'a < 3", "--where 'a < 3: a quote is opened and not closed"),
        (
            "talos_best",
            "--metrics auc",
            "unrecognized arguments: --metrics: did you mean --metric?",
        ),
        ("talos_compare", "-h", "unrecognized arguments: -h: %talos_compare? shows the options"),
    ],
)
def test_a_wrong_argument_is_explained_in_one_line(magic: str, line: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(getattr(TalosMagics, magic), line)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("d --fraction_limit 0.5", "--fraction_limit is an option of Talos: use --fraction 0.5"),
        ("--fraction-limit=.5 d", "--fraction-limit is an option of Talos: use --fraction .5"),
        ("d --rounds 2 --round_limit 10", "--round_limit is an option of Talos: use --rounds 10"),
        ("d round_limit=10, seed=1", "round_limit is an option of Talos: use --rounds 10"),
        ("--random_method sobol", "--random_method is an option of Talos: use --sample sobol"),
        ("random_method='sobol'", "random_method is an option of Talos: use --sample 'sobol'"),
        (
            "--reduction_method correlation",
            "--reduction_method is an option of Talos: use --reduce correlation",
        ),
        (
            "--boolean_limit \"lambda p: p['a'] > 3\"",
            "--boolean_limit is an option of Talos: use --where \"lambda p: p['a'] > 3\"",
        ),
        (
            "--performance_target ['val_acc',0.9,False]",
            "--performance_target is an option of Talos: use --target and -m, such as --target 0.9 "
            "-m val_accuracy",
        ),
        ("--fraction_limit", "--fraction_limit is an option of Talos: use --fraction ..."),
    ],
)
def test_an_option_of_talos_is_answered_by_ours(line: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(TalosMagics.talos_scan, line)
    assert str(raised.value) == said


def test_every_option_of_talos_is_known() -> None:
    talos = set(inspect.signature(Scan).parameters) - {"self", "model", "options"}
    assert talos - set(OPTIONS) == set(TALOS)
    assert parse(TalosMagics.talos_scan, "round_limit -m clear_session").name == "round_limit"
    assert parse(TalosMagics.talos_scan, "").name is None


def test_one_metric_ranks_and_a_second_is_weighed() -> None:
    assert metrics([]) == (None, None)
    assert metrics(["loss"]) == ("loss", None)
    assert metrics(["loss", "duration"]) == ("loss", "duration")
    with pytest.raises(ScanError, match="-m a -m b -m c: give one metric, or two to weigh"):
        metrics(["a", "b", "c"])
