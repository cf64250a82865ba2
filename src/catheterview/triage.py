"""One case, from files to report: the only file that walks the whole staircase."""
