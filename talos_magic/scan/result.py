"""What a scan gives back: Talos's own RunResult, with the epochs and the failures beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd
from talos.experiment import runner
from talos.utils.best_model import best_model

from talos_magic.errors import ScanError
from talos_magic.scan.keep import model_path
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.record import EPOCHS, FAILURES, UNFINISHED, read_lines


class ScanResult(runner.RunResult):  # type: ignore[misc]  # Talos has no type hints
    """Result of a scan; everything of Talos that takes a scan takes it too.

    Talos rebuilds its whole table, and the entropy of every past round, twice a round: 0.7 s a
    round at round 1000. This one adds the last row while the scan runs and builds the table once
    at its end.

    Attributes
    ----------
    data : pandas.DataFrame
        One row a round: times by the wall, pauses included; metrics at the last epoch; parameter
        labels.
    epochs : pandas.DataFrame
        One row an epoch, also of rounds that failed, were skipped or stopped.
    failures : pandas.DataFrame
        One row a failed round: its params, its error, its traceback.
    unfinished : pandas.DataFrame
        One row a skipped round: its params, its epochs, its metrics when it was skipped.
    """

    def __init__(
        self,
        run_dir: str | Path,
        params: Mapping[str, list[Any]],
        experiment_name: str,
        objective: Any = None,
    ) -> None:
        self._rows: list[dict[str, Any]]
        self._records: list[dict[str, Any]]
        self._columns: list[str] = []
        self._all_rounds = False
        super().__init__(run_dir, params, experiment_name, objective)

    @property
    def epochs(self) -> pd.DataFrame:
        """One row an epoch: round, epoch (from 0) and every metric."""
        epochs: dict[tuple[int, int], dict[str, Any]] = {}
        for line in read_lines(self.run_dir / EPOCHS):
            epochs.setdefault((line["round"], line["epoch"]), {}).update(line)
        return pd.DataFrame(list(epochs.values()) or {"round": [], "epoch": []})

    @property
    def failures(self) -> pd.DataFrame:
        """One row a failed round: round, error, traceback and its params."""
        lines = [
            {**{key: line[key] for key in ("round", "error", "traceback")}, **line["params"]}
            for line in read_lines(self.run_dir / FAILURES)
        ]
        return pd.DataFrame(lines or {"round": [], "error": [], "traceback": []})

    @property
    def unfinished(self) -> pd.DataFrame:
        """One row a round that was cut short: round, status, epochs, metrics so far, params."""
        lines = [
            {**{key: line[key] for key in ("round", "status", "epochs")}, **line["params"]}
            | line["metrics"]
            for line in read_lines(self.run_dir / UNFINISHED)
        ]
        return pd.DataFrame(lines or {"round": [], "status": [], "epochs": []})

    def show_all_rounds(self) -> None:
        """Build the table of all rounds, from now on whenever a round is added."""
        self._all_rounds = True
        self._refresh()

    @classmethod
    def load(cls, run_dir: str | Path, **options: Any) -> "ScanResult":
        """Open the result of an earlier scan from its folder."""
        result = cast(ScanResult, super().load(run_dir, **options))
        result.show_all_rounds()
        names = [name for history in result.round_history for name in history]
        if result.objective is None and names:
            metric = choose_metric(names)
            direction = "min" if is_minimized(metric) else "max"
            result.objective = {"metric": metric, "direction": direction}
        return result

    def __repr__(self) -> str:
        done = f"{len(self.data)} rounds in {self.run_dir}"
        if not self.objective or self.objective["metric"] not in self.data:
            return f"<ScanResult: {done}>"
        metric, ascending = self._objective(None, None)
        number = best_model(self, metric, ascending)
        value = self.data[metric][number]
        return f"<ScanResult: {done}; best: round {number}, {metric} {value:.4g}>"

    def best_model(
        self,
        metric: str | None = None,
        asc: bool | None = None,
        saved: bool = False,
        custom_objects: dict[str, Any] | None = None,
        model_factory: Any = None,
    ) -> Any:
        """Load the model of the best round, compiled as it was trained.

        Parameters
        ----------
        metric : str, optional
            What makes a round best; the scan's own metric if not given.
        asc : bool, optional
            Whether less of the metric is better.
        saved, custom_objects, model_factory
            As in Talos's ``RunResult.best_model``.

        Returns
        -------
        keras.Model

        Raises
        ------
        ScanError
            If that round's model was not kept: the scan keeps that of its own best round.
        """
        if not any(self.round_history):
            raise ScanError("no round is done, so there is no best model: see failures")
        metric, asc = self._objective(metric, asc)
        number = best_model(self, metric, asc)
        if self.artifacts[number] is None:
            kept = [i for i, artifact in enumerate(self.artifacts) if artifact is not None]
            on_disk = f"only that of round {kept[0]} is" if kept else "none is"
            text = f"the model of round {number}, best by {metric}, is not kept: {on_disk}"
            raise ScanError(text)
        import keras

        try:
            return keras.models.load_model(self.artifacts[number]["path"], custom_objects)
        except (TypeError, ValueError):
            # A loss or a metric of the person's own may not come back; Talos loads without them.
            return super().best_model(metric, asc, saved, custom_objects, model_factory)

    @property
    def learning_entropy(self) -> pd.DataFrame:
        """Talos's entropy of each round's curves, computed when asked for."""
        return pd.DataFrame([runner._entropy(history) for history in self.round_history])

    @learning_entropy.setter
    def learning_entropy(self, _: pd.DataFrame) -> None:
        """Talos assigns it whenever its table changes."""

    def _refresh(self) -> None:
        if self._all_rounds:
            self._build_table()
        elif self._rows:
            self._add_last_row(self._rows[-1])

    def _build_table(self) -> None:
        self.data = pd.DataFrame(self._rows)
        if len(self.data):
            self.round_times = self.data[["start", "end", "duration"]].copy()
        self.details["rounds"] = len(self.data)
        self.artifacts = [self._model_on_disk(number) for number in range(len(self._rows))]

    def _add_last_row(self, row: Mapping[str, Any]) -> None:
        """Talos reads the columns and the last row of the table while it runs, nothing else."""
        if all(column in self._columns for column in row):
            self.data = pd.DataFrame([row], columns=self._columns)
        else:
            self.data = pd.DataFrame(self._rows)
            self._columns = list(self.data.columns)

    def _parameter_columns(self, metrics: Mapping[str, float], params: Mapping[str, Any]) -> None:
        """Let Talos name the columns; past rows change only if a name does."""
        known = dict(self.parameter_columns)
        rows, records = self._rows, self._records
        self._rows, self._records = [], []
        super()._parameter_columns(metrics, params)
        self._rows, self._records = rows, records
        if self.parameter_columns != known:
            self._rows = [self._record_row(record) for record in records]
            self._columns = []

    def _model_on_disk(self, number: int) -> dict[str, Any] | None:
        path = model_path(self.run_dir, number)
        return {"backend": "keras", "format": "keras", "path": str(path)} if path.exists() else None
