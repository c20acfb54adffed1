"""The command line: what the line magics do, for scripts and agents."""
