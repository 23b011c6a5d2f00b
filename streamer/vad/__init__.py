"""Where utterances begin and end, and whether what was decoded was said."""
