"""Live captions and minutes for Mandarin meetings."""

__version__ = "0.1.0"
