"""What the box does by the clock, beside its requests."""
