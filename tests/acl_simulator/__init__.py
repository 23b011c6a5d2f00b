"""A stand-in for Ascend hardware."""
