"""The world behind the stand-in for pyACL."""
