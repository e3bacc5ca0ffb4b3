"""From the user's files to one data set: decoding, CSV records, columns, duplicates, splits, and an
account of every row.
"""
