"""Numbers said, and the formulas they go into."""
