"""Looks back at scans: tables, plots, what is on disk."""
