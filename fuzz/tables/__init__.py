"""Tables that makers might bring, spoilt in every way we could think of, each with its clean
twin.
"""
