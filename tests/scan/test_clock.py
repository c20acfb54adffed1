"""The stopwatch."""

import time

from talos_magic.scan.clock import Stopwatch


def test_it_counts_while_it_goes_and_holds_what_it_has() -> None:
    watch = Stopwatch()
    time.sleep(0.02)
    assert watch.seconds == 0
    watch.go()
    time.sleep(0.02)
    watch.hold()
    held = watch.seconds
    assert held >= 0.02
    time.sleep(0.02)
    assert watch.seconds == held
    watch.go()
    time.sleep(0.02)
    assert watch.seconds >= held + 0.02


def test_going_and_holding_twice_change_nothing() -> None:
    watch = Stopwatch()
    watch.hold()
    assert watch.seconds == 0
    watch.go()
    time.sleep(0.02)
    watch.go()
    assert watch.seconds >= 0.02
    watch.hold()
    held = watch.seconds
    watch.hold()
    assert watch.seconds == held
