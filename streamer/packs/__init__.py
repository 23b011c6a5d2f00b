"""Making model packs out of other people's models."""
