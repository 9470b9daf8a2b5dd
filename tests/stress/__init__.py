"""What must not break, tried in earnest: ``make stress`` runs the full counts, ``test_stress.py`` a seeded few of each."""
