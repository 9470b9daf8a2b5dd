"""One module for each system, set up as its own documentation advises; each runs in its own process."""
