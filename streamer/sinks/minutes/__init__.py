"""Minutes files: one writer a format, and the sink that keeps them up to date."""
