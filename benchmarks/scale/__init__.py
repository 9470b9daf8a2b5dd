"""How cost grows from ten thousand question forms to a million: ``python -m benchmarks.scale``."""
