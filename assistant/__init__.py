"""Question to answer: understanding, dialogue, decision, templates, evaluation, web."""
