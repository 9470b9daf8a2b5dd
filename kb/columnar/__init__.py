"""Millions of small values as a few arrays, in memory and on disk."""
