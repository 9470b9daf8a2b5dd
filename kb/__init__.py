"""Text to searchable knowledge: reading, chunking, embedding, indexing, ranking, calibration."""
