"""Search strategies, which choose the next combination, and pruners, which end bad rounds early."""
