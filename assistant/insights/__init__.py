"""What the history tells about the knowledge: rates, unanswered questions, unused entries, handoffs. Pure functions."""
