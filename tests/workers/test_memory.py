"""A round that takes more memory than its worker may have, on a real cluster."""

import re
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from talos_magic import run_scan

LIMIT = 2**30
TOO_MUCH = 3 * 2**29


@pytest.mark.long
def test_a_round_over_the_limit_is_tried_twice_and_the_others_end(tmp_path: Path) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
        import os
        import time

        import numpy as np

        from talos_magic import report

        (tmp_path / f"round{params['a']}-{os.getpid()}").touch()
        report(0, loss=params["a"])
        if params["a"] == 2:
            held = np.ones(TOO_MUCH, "uint8")
            time.sleep(60)
            del held
        return None, None

    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=LIMIT,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster) as client,
    ):
        found = run_scan(model, {"a": [1, 2, 3, 4]}, root=tmp_path, seed=1, cluster=client)
    ended = {round_.params["a"]: round_ for round_ in found.rounds}
    assert [str(ended[a].status) for a in (1, 2, 3, 4)] == ["done", "failed", "done", "done"]
    reason = r"its process had ([\d,]+) MB, the worker's limit is 1,024 MB"
    used = re.fullmatch(reason, ended[2].error)
    assert used is not None, ended[2].error
    assert int(used[1].replace(",", "")) > 1024
    assert len(list(tmp_path.glob("round2-*"))) == 2  # each in a process of its own
