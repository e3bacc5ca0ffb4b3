"""Tables that users might bring, corrupted in every way we could think of, each with its clean
twin.
"""
