"""Who decodes sound files, and how much of one is missing."""
