"""The process that opens a microphone, and what it and its parent tell each other."""
