"""Each process that trains sees a GPU of its own; no GPU is needed to see that."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """\
from talos_magic import run_scan

def model(x_train, y_train, x_val, y_val, params):
    import os, time
    from pathlib import Path

    seen = os.environ["CUDA_VISIBLE_DEVICES"], os.environ["TF_FORCE_GPU_ALLOW_GROWTH"]
    Path(f"{os.getpid()}.seen").write_text(" ".join(seen))
    end = time.monotonic() + 60
    while len(list(Path().glob("*.seen"))) < 2 and time.monotonic() < end:
        time.sleep(0.05)  # or one process would train both rounds
    return {"loss": [1]}, None

if __name__ == "__main__":
    run_scan(model, {"a": [1, 2]}, seed=1, workers="auto")
"""


def test_each_process_sees_one_gpu_and_leaves_memory_to_others(tmp_path: Path) -> None:
    script = tmp_path / "scan.py"
    script.write_text(SCRIPT)
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "3,5"}
    subprocess.run([sys.executable, script], cwd=tmp_path, env=environment, check=True)
    seen = sorted(path.read_text() for path in tmp_path.glob("*.seen"))
    assert seen == ["3 true", "5 true"]
