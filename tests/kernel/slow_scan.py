"""A scan whose second round is long enough to be controlled in its middle."""

SETUP = """\
%load_ext talos_magic
import time
from talos_magic import report
params = {"a": [1, 2, 3], "b": ["x"]}
"""
SLOW = """\
%%talos_scan --order sequential
curve = []
for epoch in range(int(params["a"] == 2) * 400 + 2):
    time.sleep(0.02)
    curve.append(1.0 / (epoch + 1))
    report(epoch, loss=curve[-1])
return {"loss": curve}, None
"""
