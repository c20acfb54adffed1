"""What a scan gives back: Talos's own RunResult, with the epochs and the failures beside it."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from talos.experiment import runner
from talos.utils.best_model import activate_model

from talos_magic.errors import ScanError
from talos_magic.scan.keep import model_path
from talos_magic.scan.loading import load_model
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.rounds import CUT, Round
from talos_magic.scan.saved import SavedScan


class ScanResult(runner.RunResult):  # type: ignore[misc]  # Talos has no type hints
    """Result of a scan; everything of Talos that takes a scan takes it too.

    Attributes
    ----------
    data : pandas.DataFrame
        One row a round: times by the wall, pauses included; metrics at the last epoch; parameter
        labels.
    epochs : pandas.DataFrame
        One row an epoch, also of rounds that failed, were cut short or stopped.
    failures : pandas.DataFrame
        One row a failed round: its params, its error, its traceback.
    unfinished : pandas.DataFrame
        One row a round that was skipped or pruned: its params, its epochs, its metrics then.
    combinations : pandas.DataFrame
        One row a combination: how many rounds it has, the mean and standard deviation of each
        metric over them.
    seeds : pandas.Series
        The seed of each round.
    rounds : list of Round
        What these tables are made of.
    sources : mapping of str to str
        Text of the model function, "cell.py", of the grid, "params.py", and of what the function
        reads from the notebook, "notebook.py".
    unsaved : mapping of int to model
        The best model, by its round, if it found no room on disk.
    """

    rounds: Sequence[Round] = ()
    unsaved: Mapping[int, Any] = MappingProxyType({})
    sources: Mapping[str, str] = MappingProxyType({})

    @property
    def epochs(self) -> pd.DataFrame:
        """One row an epoch: round, epoch (from 0) and every metric."""
        rows = [
            {"round": round_.number, "epoch": epoch, **_at(epoch, round_.curves)}
            for round_ in self.rounds
            for epoch in range(round_.epochs)
        ]
        return pd.DataFrame(rows or {"round": [], "epoch": []})

    @property
    def failures(self) -> pd.DataFrame:
        """One row a failed round: round, error, traceback and its params."""
        rows = [
            {"round": r.number, "error": r.error, "traceback": r.traceback, **r.params}
            for r in self.rounds
            if r.status == "failed"
        ]
        return pd.DataFrame(rows or {"round": [], "error": [], "traceback": []})

    @property
    def unfinished(self) -> pd.DataFrame:
        """One row a round that was cut short: round, status, epochs, metrics so far, params."""
        rows = [
            {"round": r.number, "status": r.status, "epochs": r.epochs, **r.params, **r.metrics}
            for r in self.rounds
            if r.status in CUT
        ]
        return pd.DataFrame(rows or {"round": [], "status": [], "epochs": []})

    @property
    def combinations(self) -> pd.DataFrame:
        """One row a combination: params, rounds that are done, METRIC_mean and METRIC_sd."""
        names = list(dict.fromkeys(name for r in self.rounds for name in r.metrics))
        rows = []
        for combination in Ranking(self.rounds).combinations():
            done = sum(round_.status == "done" for round_ in combination.rounds)
            row: dict[str, Any] = {**combination.params, "rounds": done}
            for name in names:
                row[f"{name}_mean"] = combination.mean(name)
                row[f"{name}_sd"] = combination.deviation(name)
            rows.append(row)
        return pd.DataFrame(rows or {"rounds": []})

    @property
    def seeds(self) -> pd.Series:
        """The seed of each round: training the same combination with it gives the same curves."""
        seeds = {round_.number: round_.seed for round_ in self.rounds}
        return pd.Series(seeds, name="seed", dtype="Int64").rename_axis("round")

    @classmethod
    def load(
        cls, run_dir: str | Path, custom_objects: Any = None, model_factory: Any = None
    ) -> "ScanResult":
        """Open the result of an earlier scan, also of one whose kernel died.

        Nothing that lies in the folder is run or imported.

        Parameters
        ----------
        run_dir : path
            The scan's folder, such as ``NAME/2026-11-24_160000``.
        custom_objects, model_factory
            As in Talos's ``RunResult.load``.

        Raises
        ------
        ScanError
            If no scan lies there.
        """
        return cls.of(SavedScan.open(run_dir), custom_objects, model_factory)

    @classmethod
    def of(
        cls, saved: SavedScan, custom_objects: Any = None, model_factory: Any = None
    ) -> "ScanResult":
        """Make a result of what was read."""
        result = cls(saved.folder, saved.params, saved.name, saved.objective)
        result.metadata = saved.metadata
        result.custom_objects, result.model_factory = custom_objects, model_factory
        result.parameter_columns = saved.parameter_columns
        for record in saved.records:
            result._records.append(record)
            result._rows.append(result._record_row(record))
            result.round_history.append(record["history"])
        result.rounds = saved.all_rounds()
        result.sources = saved.sources
        result.status = result.details["status"] = saved.status
        result._build_table()
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
        ranked = Ranking(self.rounds).ordered(metric, minimize=ascending)
        if not ranked:
            return f"<ScanResult: {done}>"
        best = ranked[0].best(metric, minimize=ascending) or ranked[0].rounds[0]
        count = len(ranked[0].scores(metric))
        mean = f" (mean of {count})" if count > 1 else ""
        value = ranked[0].mean(metric)
        return f"<ScanResult: {done}; best: round {best.number}, {metric} {value:.4g}{mean}>"

    def ranked(self, metric: str | None = None, asc: bool | None = None) -> list[Combination]:
        """Rank the combinations by the mean of their rounds.

        Parameters
        ----------
        metric : str, optional
            What makes a combination good; the scan's own metric if not given.
        asc : bool, optional
            Whether less of the metric is better.

        Returns
        -------
        list of Combination
            The best first, each with its `rounds`; those without a value are left out.

        Raises
        ------
        ScanError
            If no round is done, or none has this metric.
        """
        if not any(self.round_history):
            raise ScanError("no round is done, so there is no best: see failures")
        metric, asc = self._objective(metric, asc)
        known = sorted({name for round_ in self.rounds for name in round_.metrics})
        if metric not in known:
            raise ScanError(f"no metric {metric!r}: there are {', '.join(known)}")
        ranked = Ranking(self.rounds).ordered(metric, minimize=asc)
        if not ranked:
            raise ScanError(f"no round has a {metric} that is a number, so there is no best")
        return ranked

    def best_kept(self, metric: str | None = None, asc: bool | None = None) -> Round | None:
        """Give the round whose model `best_model` loads; None if none of the best is kept."""
        metric, asc = self._objective(metric, asc)
        on_disk = {number for number, model in enumerate(self.artifacts) if model is not None}
        rounds = self.ranked(metric, asc)[0].rounds
        kept = [round_ for round_ in rounds if round_.number in on_disk | {*self.unsaved}]
        return Combination(kept).best(metric, minimize=asc)

    def best_model(
        self,
        metric: str | None = None,
        asc: bool | None = None,
        saved: bool = False,
        custom_objects: dict[str, Any] | None = None,
        model_factory: Any = None,
    ) -> Any:
        """Load the model of the best combination: of its best round, compiled as it was trained.

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
        metric, asc = self._objective(metric, asc)
        kept = {number: model for number, model in enumerate(self.artifacts) if model is not None}
        best = self.best_kept(metric, asc)
        if best is None:
            combination = self.ranked(metric, asc)[0]
            wanted = combination.best(metric, minimize=asc) or combination.rounds[0]
            on_disk = f"of round {', '.join(map(str, kept))} it is" if kept else "none is"
            text = f"the model of round {wanted.number}, best by {metric}, is not kept: {on_disk}"
            raise ScanError(f"{text}; --keep all keeps every one")
        if best.number in self.unsaved:
            return self.unsaved[best.number]
        known = {**(self.custom_objects or {}), **(custom_objects or {})}
        path = kept[best.number]["path"]
        without = partial(activate_model, self, best.number, saved, known, model_factory)
        return load_model(path, known, best.number, without)

    def direction(self, metric: str | None = None) -> tuple[str, bool]:
        """Give the metric that ranks, and whether less of it is better."""
        return self._objective(metric, None)

    def _objective(self, metric: str | None, asc: bool | None) -> tuple[str, bool]:
        """What ranks, and whether less of it is better: Talos gives all the scan's direction."""
        own = self.objective or {}
        metric = metric or own.get("metric")
        if metric is None:
            raise ScanError("no round is done, so there is no best: see failures")
        if asc is None and metric == own.get("metric"):
            asc = own.get("direction") == "min"
        return metric, is_minimized(metric) if asc is None else asc

    @property
    def learning_entropy(self) -> pd.DataFrame:
        """Talos's entropy of each round's curves, computed when asked for."""
        return pd.DataFrame([runner._entropy(history) for history in self.round_history])

    @learning_entropy.setter
    def learning_entropy(self, _: pd.DataFrame) -> None:
        """Talos assigns it whenever its table changes."""

    def _refresh(self) -> None:
        self._build_table()

    def _build_table(self) -> None:
        self.data = pd.DataFrame(self._rows)
        if len(self.data):
            self.round_times = self.data[["start", "end", "duration"]].copy()
        self.details["rounds"] = len(self.data)
        self.artifacts = [self._model_on_disk(number) for number in range(len(self._rows))]
        for blank in (self.models, self.saved_models, self.saved_weights):
            blank[:] = [None] * len(self._rows)

    def _model_on_disk(self, number: int) -> dict[str, Any] | None:
        path = model_path(self.run_dir, number)
        return {"backend": "keras", "format": "keras", "path": str(path)} if path.exists() else None


def _at(epoch: int, curves: Mapping[str, list[float]]) -> dict[str, float]:
    values = {name: curve[epoch] for name, curve in curves.items() if epoch < len(curve)}
    return apart(values, ("round", "epoch"), "metric__")


def apart(values: Mapping[str, Any], taken: Collection[str], prefix: str) -> dict[str, Any]:
    """Put a prefix before the names that a table's own columns have."""
    return {f"{prefix}{name}" if name in taken else name: v for name, v in values.items()}
