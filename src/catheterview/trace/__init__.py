"""The catheter as a centreline, from pump to tip."""
