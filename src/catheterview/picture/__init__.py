"""Key images: slab MIPs, curved reformats, close-ups."""
