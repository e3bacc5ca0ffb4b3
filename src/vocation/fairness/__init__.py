"""The fairness audit: first names and pronouns are swapped, labelled groups are compared."""
