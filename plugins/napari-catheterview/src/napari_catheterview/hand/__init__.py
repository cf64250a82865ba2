"""What a reader holds in hand: ruler, angle, and the pencil that draws the catheter anew."""
