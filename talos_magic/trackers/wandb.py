"""Weights & Biases: a run per round, in a group per scan."""

from collections.abc import Mapping
from typing import Any

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.trackers.run_per_round import RunPerRound, config, ending


class WandbTracker(RunPerRound):
    """Logs to the project with the scan's name; the person is logged in, or WANDB_MODE is set."""

    def on_epoch_end(self, round_: Round, epoch: int, metrics: Mapping[str, float]) -> None:
        # Not as W&B's own step: that may not be given twice, as by an epoch that is trained again.
        self.run_of(round_).log({"epoch": epoch, **metrics})

    def open(self, round_: Round) -> Any:
        import wandb

        run = wandb.init(
            project=self.name,
            group=self.scan,
            name=f"round {round_.number}",
            id=f"{self.scan}-{round_.number}",
            resume="allow",  # what an earlier run of the scan has logged
            reinit="create_new",  # beside other rounds, and a run of the person's
            config=config(round_),
            settings=wandb.Settings(silent=True, console="off"),
        )
        run.define_metric("*", step_metric="epoch")
        return run

    def close(self, run: Any, round_: Round) -> None:
        run.summary.update({**ending(round_), **round_.metrics})
        run.finish(exit_code=int(round_.status == RoundStatus.FAILED))
