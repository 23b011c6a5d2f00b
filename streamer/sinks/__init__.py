"""Where meeting events go."""
