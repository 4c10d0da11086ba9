"""Sample files with a known truth: seeded, generated, the truth beside them as JSON."""
