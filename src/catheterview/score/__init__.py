"""Reports measured against truth."""
