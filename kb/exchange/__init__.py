"""Files of other programs into a corpus, and entries out of it."""
