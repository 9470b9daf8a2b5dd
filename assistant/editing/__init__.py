"""Editing the knowledge: drafts, publishing with proof, rollback, and who did what."""
