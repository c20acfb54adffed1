"""MLflow: a run per scan, with a child run per round."""

import time
from collections.abc import Mapping

from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.trackers.final_metrics import final_metrics
from talos_magic.trackers.run_per_round import RunPerRound, config, ending

PARENT = "mlflow.parentRunId"
NAME = "talos_magic.name"  # the tag by which a resumed scan finds its runs
STATUS = {"done": "FINISHED", "failed": "FAILED"}  # of rounds and scans; all else was KILLED


class MLflowTracker(RunPerRound):
    """Logs to the tracking URI that is set, into the experiment with the scan's name.

    None of its runs becomes the notebook's active one: several rounds may be open at a time.
    """

    def on_scan_start(self, scan: ScanSession) -> None:
        import mlflow

        super().on_scan_start(scan)
        self._client = mlflow.MlflowClient()
        known = self._client.get_experiment_by_name(scan.name)
        self._experiment = (
            self._client.create_experiment(scan.name) if known is None else known.experiment_id
        )
        name = f"{self.name}/{self.scan}"
        self._parent = self._run(name, name, {"seed": str(scan.seed)}, is_known=bool(scan.rounds))

    def on_epoch_end(self, round_: Round, epoch: int, metrics: Mapping[str, float]) -> None:
        self._log(self.run_of(round_), metrics, epoch)

    def on_scan_end(self, scan: ScanSession) -> None:
        super().on_scan_end(scan)
        if scan.best is not None:
            self._client.set_tag(self._parent, "best_round", str(scan.best.number))
            self._log(self._parent, scan.best.metrics, 0)
        self._client.set_terminated(self._parent, STATUS.get(scan.state, "KILLED"))

    def open(self, round_: Round) -> str:
        from mlflow.entities import Param

        number, tags = round_.number, {PARENT: self._parent}
        name, is_known = f"{self.name}/{self.scan}/{number}", round_.epochs > 0
        run = self._run(name, f"round {number}", tags, is_known=is_known)
        params = [Param(name, str(value)) for name, value in config(round_).items()]
        self._client.log_batch(run, params=params)
        return run

    def close(self, run: str, round_: Round) -> None:
        from mlflow.entities import RunTag

        tags = [RunTag(name, str(value)) for name, value in ending(round_).items()]
        self._client.log_batch(run, tags=tags)
        self._log(run, final_metrics(round_), max(round_.epochs - 1, 0))
        self._client.set_terminated(run, STATUS.get(round_.status, "KILLED"))

    def _run(self, name: str, shown: str, tags: dict[str, str], *, is_known: bool) -> str:
        """Return the id of the run that an earlier run of the scan has logged, or of a new one."""
        client, experiment = self._client, self._experiment
        found = client.search_runs([experiment], f"tags.`{NAME}` = '{name}'") if is_known else []
        for run in found[:1]:
            client.update_run(run.info.run_id, status="RUNNING")
            return str(run.info.run_id)
        run = client.create_run(experiment, run_name=shown, tags={NAME: name, **tags})
        return str(run.info.run_id)

    def _log(self, run: str, metrics: Mapping[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        values = [Metric(name, value, now, step) for name, value in metrics.items()]
        self._client.log_batch(run, metrics=values)
