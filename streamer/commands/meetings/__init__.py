"""``streamer meetings``: a module for each thing that it does with what was kept."""
