"""Whether this machine can do what streamer needs, and what to do where it cannot."""
