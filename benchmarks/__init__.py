"""Measurements: each file is a script, results.md has what they printed."""
