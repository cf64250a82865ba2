"""From files to images with honest geometry."""
