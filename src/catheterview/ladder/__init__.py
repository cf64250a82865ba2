"""The decision model of the imaging ladder."""
