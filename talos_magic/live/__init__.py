"""Shows a scan while it runs, and as a picture in the saved notebook."""
