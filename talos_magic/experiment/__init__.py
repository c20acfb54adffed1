"""Options and plan of a scan; run_scan, dry run, architecture check."""
