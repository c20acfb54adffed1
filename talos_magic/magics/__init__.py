"""The cell magic and the line magics."""
