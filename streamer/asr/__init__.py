"""Speech recognition: features, models, decoding."""
