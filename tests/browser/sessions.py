"""Sessions as a scan would leave them, for pages that are shown without a kernel."""

import math
from typing import Any

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

EVIL = "<img src=x onerror=alert(1)>"


def train(session: ScanSession, epochs: int, **params: Any) -> dict[str, list[float]]:
    """Open a round and give it curves whose end depends on its number."""
    number = session.start_round(params).number
    history: dict[str, list[float]] = {"loss": [], "val_loss": [], "acc": [], "val_acc": []}
    for epoch in range(epochs):
        loss = 2 * math.exp(-epoch / epochs) + number % 7 / 10
        values = {"loss": loss, "val_loss": loss + 0.1, "acc": 1 - loss / 3}
        values["val_acc"] = values["acc"] - 0.05
        for name, value in values.items():
            history[name].append(value)
        session.end_epoch(values)
    return history


def session_of(rounds: int, total: int, epochs: int = 10) -> ScanSession:
    """Rounds that are done, one that failed and one that was skipped if there are enough."""
    session = ScanSession(name="lenet", total=total, seed=1)
    session.varying = ["lr", "opt"]
    session.begin()
    for number in range(rounds):
        history = train(session, epochs, lr=0.1 / (number + 1), opt=("Adam", "SGD")[number % 2])
        if number == 2:
            session.cut_round(RoundStatus.SKIPPED)
        elif number == 3:
            session.fail_round(f"ValueError: {EVIL}", "")
        else:
            session.finish_round(history)
    return session
