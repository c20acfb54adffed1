"""Which combination is trained next, and which round is ended early: Talos and Optuna at work."""
