"""Offline decoding: whole sounds and recordings, by several recognisers together."""
