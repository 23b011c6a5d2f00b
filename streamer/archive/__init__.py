"""The archive: what is kept of meetings, and what is written of them."""
