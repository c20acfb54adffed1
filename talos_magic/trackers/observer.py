"""What can watch a scan from outside: a class of the user's own, or a tracker."""

from collections.abc import Mapping

from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession


class ScanObserver:
    """Watches a scan: override the methods that are of use, the others do nothing.

    Pass one to ``run_scan(log=...)``, or name its variable in ``%%talos_scan --log NAME``. With
    workers, too, its methods are called in the notebook's process. One that raises an exception is
    reported and left out from then on; the scan goes on.

    Examples
    --------
    >>> import tempfile
    >>> from talos_magic import run_scan
    >>> class Printer(ScanObserver):
    ...     def on_round_end(self, round_):
    ...         print(round_.number, round_.params, round_.status, round_.metrics)
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     result = run_scan(model, {"lr": [0.5, 2.0]}, root=root, seed=1, log=Printer())
    0 {'lr': 0.5} done {'loss': 0.25}
    1 {'lr': 2.0} done {'loss': 4.0}
    """

    def on_scan_start(self, scan: ScanSession) -> None:
        """Learn that a scan begins.

        Parameters
        ----------
        scan : ScanSession
            It has a `name`, a `folder`, its `rounds` (those of earlier runs, if it is resumed) and
            their `total`; ``scan.stop("why")`` ends it.
        """

    def on_round_start(self, round_: Round) -> None:
        """Learn that a round begins or goes on.

        Parameters
        ----------
        round_ : Round
            It has a `number`, `params`, a `seed` and, of a cross-validation, a `fold`. Its `epochs`
            are 0, unless it goes on: after a pause, or in a resumed scan.
        """

    def on_epoch_end(self, round_: Round, epoch: int, metrics: Mapping[str, float]) -> None:
        """Learn the metrics of an epoch.

        Parameters
        ----------
        round_ : Round
            The round, with its `curves` so far.
        epoch : int
            Counted from 0, over all fits of the round.
        metrics : mapping of str to float
            The metrics at this epoch.
        """

    def on_round_end(self, round_: Round) -> None:
        """Learn that a round has ended or is paused.

        Parameters
        ----------
        round_ : Round
            Its `status` is done, failed, skipped, pruned, stopped or paused; its `metrics` are
            those that count, its `duration` is in seconds, its `error` a line of text. A paused
            round goes on, ends as pruned, or stays paused until a resume.
        """

    def on_scan_end(self, scan: ScanSession) -> None:
        """Learn that a scan has ended, in whatever way.

        Parameters
        ----------
        scan : ScanSession
            Its `state` is done, stopped or failed, for a `reason`; it has a `metric` and `best`,
            the best round, or None.
        """
