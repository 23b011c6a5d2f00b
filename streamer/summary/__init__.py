"""Summaries of meetings: by a model behind an endpoint, or sentences picked from the text."""
