"""Where utterances begin and end."""
