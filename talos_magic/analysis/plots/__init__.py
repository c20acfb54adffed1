"""Figures in matplotlib: each has a function for its information and one that draws it."""
