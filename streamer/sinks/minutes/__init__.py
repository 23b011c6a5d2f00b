"""Minutes files, one writer a format."""
