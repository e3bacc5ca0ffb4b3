"""What a text says before any model reads it: cleaning, masking, skills, negation, language,
n-grams. Shared by training and serving.
"""
