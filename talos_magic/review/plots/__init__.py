"""Figures in matplotlib: each has its information, a NamedTuple, and a drawer."""
