"""Business acts of common demands."""
