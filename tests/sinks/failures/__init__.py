"""Errors in Chinese, each raised by the code that raises it."""
