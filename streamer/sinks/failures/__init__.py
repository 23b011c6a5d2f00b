"""What a person reads where something fails, in Chinese: patterns of errors, by what they are about."""
