"""Contrast in CT: where it is, and what is wrong with that."""
