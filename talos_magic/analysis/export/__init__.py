"""Exports a scan as a table, a page or a script."""
