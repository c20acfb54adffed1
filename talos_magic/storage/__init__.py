"""A scan's folder: its records, models and lock, in the format that Talos reads."""
