"""Whether somebody else would be answered differently: names and pronouns swapped, groups
compared.
"""
