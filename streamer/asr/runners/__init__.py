"""What executes a model file."""
