"""The worklist store."""
