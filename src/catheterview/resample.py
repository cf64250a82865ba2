"""Resampling and registration."""
