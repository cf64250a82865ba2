"""Body, spinal canal and vertebral levels."""
