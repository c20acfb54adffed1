"""Conducts a scan. Knows neither IPython nor widgets nor matplotlib."""
