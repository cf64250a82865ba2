"""What is wrong with the catheter, and what was examined."""
