"""The params dict as a grid of labelled values."""
