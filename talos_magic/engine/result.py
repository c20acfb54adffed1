"""The result of a scan: Talos's RunResult, with the epochs and the failures."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import talos

from talos_magic.cell.syntax import DATA
from talos_magic.engine.entropy import entropies
from talos_magic.engine.result_html import result_html
from talos_magic.engine.tables import combinations_table, epochs_table
from talos_magic.errors import InvalidInputError, ScanError
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.round import FIRST_COLUMNS, LAST_COLUMNS, Round, RoundStatus
from talos_magic.storage.folders import is_own_file
from talos_magic.storage.keras_files import load
from talos_magic.storage.models import held_models, model_path
from talos_magic.storage.saved_scan import SavedScan, identity_of
from talos_magic.storage.talos_records import objective, table_row
from talos_magic.training.data import TrainingData
from talos_magic.values.imports import own_objects

NO_ROUND = "No round finished. scan.failures lists why."


class ScanResult(talos.RunResult):  # type: ignore[misc]  # Talos has no type hints
    """Result of a scan; Talos's tools accept it like their own.

    Attributes
    ----------
    data : pandas.DataFrame
        One row per round that has ended, under its number: wall times, pauses included; labels;
        metrics at the epoch whose weights the model has.
    rounds : list of Round
        The rounds, from which all tables are made.
    sources : mapping of str to str
        Texts of the model function, "cell.py", the params, "params.py", and the parts of the
        notebook that the function uses, "notebook.py".
    unsaved : mapping of int to model
        Models that are in memory only, by their round: of another library than Keras, or such as
        their file would not give back.
    training_data : TrainingData or None
        The data with the rows of all folds; None for a scan that was loaded from disk.
    """

    training_data: TrainingData | None = None
    rounds: Sequence[Round] = ()
    unsaved: Mapping[int, Any] = MappingProxyType({})
    sources: Mapping[str, str] = MappingProxyType({})

    @property
    def epochs(self) -> pd.DataFrame:
        """One row per epoch, also of rounds that failed or ended early: round, epoch, metrics.

        If a round has several fits, a column tells the phase; each counts its epochs from 0.
        """
        return epochs_table(self.rounds)

    @property
    def failures(self) -> pd.DataFrame:
        """One row per failed round: round, error, traceback and params."""
        rows = [
            {"round": r.number, "error": r.error, "traceback": r.traceback, **r.params}
            for r in self.rounds
            if r.status == RoundStatus.FAILED
        ]
        return pd.DataFrame(rows or {"round": [], "error": [], "traceback": []})

    @property
    def unfinished(self) -> pd.DataFrame:
        """One row per round that ended early or is paused: status, epochs, params, last metrics."""
        rows = [
            {"round": r.number, "status": str(r.status), "epochs": r.epochs} | r.params | r.metrics
            for r in self.rounds
            if r.status.is_cut()
        ]
        return pd.DataFrame(rows or {"round": [], "status": [], "epochs": []})

    @property
    def combinations(self) -> pd.DataFrame:
        """One row per combination: params, number of done rounds, METRIC_mean and METRIC_sd."""
        return combinations_table(self.rounds)

    @property
    def seeds(self) -> pd.Series:
        """The seed of each round, which reproduces its curves."""
        seeds = {round_.number: round_.seed for round_ in self.rounds}
        return pd.Series(seeds, name="seed", dtype="Int64").rename_axis("round")

    @classmethod
    def load(
        cls, run_dir: str | Path, custom_objects: Any = None, model_factory: Any = None
    ) -> "ScanResult":
        """Load the result of an earlier scan, even if its kernel died.

        Nothing in the folder is run or imported.

        Parameters
        ----------
        run_dir : path
            The scan's folder, such as ``NAME/2026-11-24_160000``.
        custom_objects, model_factory
            As in Talos's ``RunResult.load``.

        Raises
        ------
        ScanError
            If there is no scan in the folder, or a file in it is a link or cannot be read.
        """
        saved = SavedScan.open(run_dir)
        result = cls(saved.folder, saved.params, saved.name, saved.objective)
        result.metadata = saved.metadata
        result.custom_objects, result.model_factory = custom_objects, model_factory
        result.unsaved = held_models(saved.folder)
        result.rounds = saved.shown_rounds()
        result.sources = saved.sources
        result.fill(saved.records, saved.parameter_columns, saved.status)
        names = [name for history in result.round_history for name in history]
        if result.objective is None and names:
            result.objective = objective(choose_metric(names))
        return result

    def fill(
        self, records: Sequence[dict[str, Any]], columns: Mapping[str, str], status: str
    ) -> None:
        """Set the attributes that Talos's tools read: table, histories, paths of the models.

        The records may be in any order. Talos finds a round of the table by its place in the lists.
        """
        recorded = {record["round_index"]: record for record in records}
        numbers = sorted(recorded)
        count = max(numbers, default=-1) + 1
        self.parameter_columns = dict(columns)
        table = pd.DataFrame([table_row(recorded[n], columns) for n in numbers], index=numbers)
        own = [name for name in (*FIRST_COLUMNS, *LAST_COLUMNS) if name in table]
        params = [column for column in columns.values() if column in table]
        metrics = [name for name in table if name not in {*own, *params}]
        self.data = table[[*params, *metrics, *own]].drop(columns="_warnings", errors="ignore")
        if numbers:
            self.round_times = self.data[["start", "end", "duration"]].copy()
        self.round_history = [recorded[n]["history"] if n in recorded else {} for n in range(count)]
        self.artifacts = [self._artifact(number) for number in range(count)]
        self.saved_models, self.saved_weights = [None] * count, [None] * count  # loaded on demand
        self.status = status
        self.details["rounds"], self.details["status"] = len(numbers), status

    def __repr__(self) -> str:
        done = f"{len(self.data)} rounds in {self.run_dir}"
        try:
            first, (metric, minimize) = self.ranked()[0], self.direction()
        except ScanError:  # no round has a finite metric
            return f"<ScanResult: {done}>"
        best = first.best(metric, minimize=minimize) or first.rounds[0]
        count, value = len(first.scores(metric)), first.mean(metric)
        mean = f" (mean of {count})" if count > 1 else ""
        return f"<ScanResult: {done}; best: round {best.number}, {metric} {value:.4g}{mean}>"

    def _repr_html_(self) -> str:
        try:
            ranked, (metric, _) = self.ranked(), self.direction()
        except ScanError:  # no round has a finite metric
            ranked, metric = [], ""
        return result_html(repr(self).strip("<>"), ranked, metric)

    def ranked(self, metric: str | None = None, asc: bool | None = None) -> list[Combination]:
        """Rank the combinations by the mean of their rounds, the best first.

        Parameters
        ----------
        metric : str, optional
            The metric to rank by; by default, the scan's.
        asc : bool, optional
            Whether less of the metric is better.

        Returns
        -------
        list of Combination
            Each with its `rounds`; those without a finite mean are left out.

        Raises
        ------
        ScanError
            If no round is done, or none has this metric.
        """
        if not any(self.round_history):
            raise ScanError(NO_ROUND)
        metric, asc = self._objective(metric, asc)
        known = sorted({name for round_ in self.rounds for name in round_.metrics})
        if metric not in known:
            raise InvalidInputError(f"no metric {metric!r}: there are {', '.join(known)}")
        ranked = Ranking(self.rounds).ordered(metric, minimize=asc)
        if not ranked:
            raise ScanError(f"no round has a finite {metric}, so there is no best")
        return ranked

    def best_kept(self, metric: str | None = None, asc: bool | None = None) -> Round | None:
        """Return the round whose model `best_model` loads; None if it was not kept."""
        metric, asc = self._objective(metric, asc)
        known = {*self._on_disk(), *self.unsaved}
        kept = [round_ for round_ in self.ranked(metric, asc)[0].rounds if round_.number in known]
        return Combination(kept).best(metric, minimize=asc)

    def best_model(
        self,
        metric: str | None = None,
        asc: bool | None = None,
        saved: bool = False,
        custom_objects: dict[str, Any] | None = None,
        model_factory: Any = None,
    ) -> Any:
        """Return the model of the best round of the best combination, as it was trained.

        With folds, the result's x_train, y_train, x_val and y_val become the rows of its fold.

        Parameters
        ----------
        metric : str, optional
            The metric to rank by; by default, the scan's.
        asc : bool, optional
            Whether less of the metric is better.
        custom_objects : dict of str to class or function, optional
            Objects that Keras needs to load the model, beside those of the notebook.
        saved, model_factory
            Arguments of Talos's ``RunResult.best_model``, which are not needed here.

        Returns
        -------
        keras.Model
            Compiled as it was trained, if its file tells how; or what else the cell returned as
            its model.

        Raises
        ------
        ScanError
            If the model was not kept: by default, a scan keeps only that of its best round.
        """
        metric, asc = self._objective(metric, asc)
        best = self.best_kept(metric, asc)
        if best is None:
            combination = self.ranked(metric, asc)[0]
            wanted = combination.best(metric, minimize=asc) or combination.rounds[0]
            text = f"the model of round {wanted.number}, best by {metric}, is not kept"
            raise ScanError(f"{text}: {self.how_to_keep()}")
        if self.training_data is not None and self.training_data.folds:
            self.take_fold(best.fold)
        if best.number in self.unsaved:
            return self.unsaved[best.number]
        own = own_objects(vars(sys.modules["__main__"]))
        known = {**own, **(self.custom_objects or {}), **(custom_objects or {})}
        return load(model_path(self.run_dir, best.number), known)

    def take_fold(self, number: int | None) -> None:
        """Set x_train, y_train, x_val and y_val to the rows of a fold; to all without folds."""
        data = (self.training_data or TrainingData()).of_fold(number)
        for name, part in zip(DATA, data.arguments, strict=True):
            setattr(self, name, part)

    def how_to_keep(self) -> str:
        """Return what to do about a model that is not kept."""
        keep = identity_of(self.metadata).get("keep")
        if keep in ("none", "0", 0):
            return "run the scan with --keep best"
        kept = ", ".join(map(str, sorted({*self._on_disk(), *self.unsaved})))
        if not kept:
            return "the cell returned none, or one that could not be kept, or was in memory only"
        if keep == "all" and not self.unsaved:
            return f"it was deleted, or in memory with an earlier result only (kept: {kept})"
        enough = len(self.rounds) if self.unsaved else "all"  # of what is in memory, all is one
        return f"run the scan with --keep {enough} (kept: {kept})"

    def direction(self, metric: str | None = None) -> tuple[str, bool]:
        """Return the metric to rank by, and whether less of it is better."""
        return self._objective(metric, None)

    def _objective(self, metric: str | None, asc: bool | None) -> tuple[str, bool]:
        """Return metric and direction; Talos would give any metric the direction of the scan's."""
        own = self.objective or {}
        metric = metric or own.get("metric")
        if metric is None:
            raise ScanError(NO_ROUND)
        if asc is None and metric == own.get("metric"):
            asc = own.get("direction") == "min"
        return metric, is_minimized(metric) if asc is None else asc

    @property
    def learning_entropy(self) -> pd.DataFrame:
        """The entropy of each round's curves as Talos defines it, computed on demand."""
        return pd.DataFrame([entropies(history) for history in self.round_history])

    @learning_entropy.setter
    def learning_entropy(self, _: pd.DataFrame) -> None:
        """Ignore the assignment in Talos's constructor."""

    @property
    def models(self) -> list[Any]:
        """The models in memory, where Talos's tools look before they load one from disk."""
        return [self.unsaved.get(number) for number in range(len(self.round_history))]

    @models.setter
    def models(self, _: list[Any]) -> None:
        """Ignore the assignment in Talos's constructor."""

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is in memory only: data, models, classes and functions."""
        empty = dict.fromkeys([*DATA, "custom_objects", "model_factory", "training_data"])
        return {**vars(self), **empty, "unsaved": {}}

    def _artifact(self, number: int) -> dict[str, str] | None:
        """Return Talos's description of a round's model; None if it was not kept."""
        path = model_path(self.run_dir, number)
        found = {"backend": "keras", "format": "keras", "path": str(path)}
        return found if is_own_file(path) else None

    def _on_disk(self) -> list[int]:
        return [number for number, model in enumerate(self.artifacts) if model is not None]
