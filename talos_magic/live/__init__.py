"""Shows a scan while it runs, and what stays of it in the saved notebook."""
