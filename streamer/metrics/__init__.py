"""Figures of the running program, for Prometheus."""
