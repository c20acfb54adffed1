"""Runs the rounds of a scan and makes its result."""
