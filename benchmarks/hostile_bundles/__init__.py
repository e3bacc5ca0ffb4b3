"""Hostile and honest bundles, made from a seed, and what the reader makes of them; `python -m
benchmarks.hostile_bundles` runs the campaign.
"""
