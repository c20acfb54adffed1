"""Analysis of finished rounds: tables, effects, plots, export."""
