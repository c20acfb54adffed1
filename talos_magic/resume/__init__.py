"""Find an earlier scan, compare it with the present one, and resume it."""
