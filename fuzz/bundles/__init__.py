"""Hostile and honest bundles, made from a seed, and what the reader makes of them; `python -m
fuzz.bundles` runs the campaign.
"""
