"""Makes what trains the rounds of a scan: this process, or workers."""

import linecache
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from talos_magic.engine.loop import Trainer
from talos_magic.engine.trainer import LocalTrainer, talos_trial
from talos_magic.experiment.setup import ScanSetup
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.storage.checkpoints import Checkpoints
from talos_magic.storage.models import ModelStore, parse_keep
from talos_magic.training.interrupts import Interrupts
from talos_magic.training.shared_graphs import SharedGraphs
from talos_magic.values.labels import Label
from talos_magic.workers.messages import Order

PREFIX = "talos_magic-"  # of the folders of packages, before the number of the kernel's process


def _remove_orphans() -> None:
    """Remove the packages of kernels that were killed."""
    import psutil

    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Training:
    """What the rounds of a scan train."""

    setup: ScanSetup
    session: ScanSession
    model: Callable[..., Any]  # Talos's model function
    train: Callable[[Mapping[str, Label]], Any]  # calls it in this process
    values: Callable[[Mapping[str, Label]], dict[str, Any]]  # of labels

    def trainer(
        self, models: ModelStore, checkpoints: Checkpoints, interrupts: Interrupts
    ) -> Trainer:
        """Make the trainer that the options ask for."""
        options = self.setup.options
        if options.uses_workers:
            return self._workers(models, checkpoints, interrupts)
        graphs = SharedGraphs() if options.share_graphs else None
        return LocalTrainer(self.session, self.train, models, checkpoints, interrupts, graphs)

    def _workers(
        self, models: ModelStore, checkpoints: Checkpoints, interrupts: Interrupts
    ) -> Trainer:
        from talos_magic.workers.cluster import connect
        from talos_magic.workers.trainer import WorkerTrainer

        _remove_orphans()
        package = tempfile.TemporaryDirectory(
            prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True
        )
        session, options = self.session, self.setup.options
        make_order = partial(self._order, models, checkpoints)
        with ExitStack() as stack:
            stack.callback(package.cleanup)
            session.tell("starting the workers")
            self._pack(Path(package.name))
            cluster = connect(options.cluster, options.worker_count, session.attend)
            stack.callback(cluster.close)
            trainer = WorkerTrainer(
                session, make_order, models, checkpoints, interrupts, cluster, package
            )
            stack.pop_all()  # the trainer closes both
        return trainer

    def _pack(self, folder: Path) -> None:
        """Write what the rounds need of the notebook into a folder."""
        from talos_magic.workers.package import pack
        from talos_magic.workers.process_state import keras_settings

        objects = self.setup.objects
        parts = {
            "model": self.model,
            "data": self.setup.data,
            "objects": objects,
            # The text of the notebook's cells, which no file has.
            "cells": {name: cell for name, cell in linecache.cache.items() if None in cell},
            "keras": keras_settings(),
        }
        pack(parts, objects, folder)

    def _order(self, models: ModelStore, checkpoints: Checkpoints, round_: Round) -> Order:
        options = self.setup.options
        start = checkpoints.start(round_)
        return Order(
            params=round_.params,
            values=self.values(round_.params),
            seed=round_.seed,
            fold=round_.fold,
            metric=options.metric,
            second_metric=self.session.second_metric,
            minimize=options.minimize,
            by_best_epoch=self.session.by_best_epoch,
            share_graphs=options.share_graphs,
            keeps_model=parse_keep(options.keep) > 0,
            trial=talos_trial(self.session, models, round_),
            start=start,
            curves=round_.curves if start is not None else {},
        )
