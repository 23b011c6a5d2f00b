"""Text: the pinyin convention, punctuation, numbers, hotwords."""
