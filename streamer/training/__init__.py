"""How the embedded pack was made, and how to fine-tune it (extra: train)."""
