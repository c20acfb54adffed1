"""A scan as a file for others: a table, a page, a script."""
