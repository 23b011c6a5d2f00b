"""The meeting log, its store and recovery."""
