"""One value of a hyperparameter: label, source code, equality, copy, fingerprint."""
