"""Hands a scan over to what watches it: trackers, and observers of the user's own."""
