"""The search: from log-probabilities per step to the likeliest syllables, and what judges them."""
