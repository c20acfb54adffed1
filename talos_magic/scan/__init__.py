"""The state of a scan: its rounds, their ranking, when it stops. No IPython, no plots."""
