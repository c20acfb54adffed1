"""What works in an environment, and what to do about what does not."""
