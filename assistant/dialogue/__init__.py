"""What a turn means in its conversation."""
