"""What we claim about speed and quality, measured by one command: ``python -m benchmarks``."""
