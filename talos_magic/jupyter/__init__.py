"""The Jupyter front end, and the comms to it."""
