"""Trackio: a run per round, in a group per scan."""

from collections.abc import Mapping
from contextlib import redirect_stdout
from contextvars import Context
from io import StringIO
from typing import Any

from talos_magic.scan.round import Round
from talos_magic.trackers.final_metrics import final_metrics
from talos_magic.trackers.run_per_round import RunPerRound, config, ending


class TrackioTracker(RunPerRound):
    """Logs to the project with the scan's name, where Trackio logs by its environment variables."""

    def on_epoch_end(self, round_: Round, epoch: int, metrics: Mapping[str, float]) -> None:
        self.run_of(round_).log(dict(metrics), step=epoch)

    def open(self, round_: Round) -> Any:
        import trackio

        with redirect_stdout(StringIO()):
            # In a context of its own: Trackio ends a run that it sees, such as the person's.
            return Context().run(
                trackio.init,
                project=self.name,
                group=self.scan,
                name=f"{self.scan} round {round_.number}",
                resume="allow",  # what an earlier run of the scan has logged
                config=config(round_),
                embed=False,
                auto_log_cpu=False,
                auto_log_gpu=False,
            )

    def close(self, run: Any, round_: Round) -> None:
        run.log({**ending(round_), **final_metrics(round_)}, step=max(round_.epochs - 1, 0))
        with redirect_stdout(StringIO()):
            run.finish()
