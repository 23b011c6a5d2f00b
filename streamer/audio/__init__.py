"""Sound: microphones, files, the recording."""
