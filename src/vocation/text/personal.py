"""Tell phrases that nobody should hear as a reason: who somebody is, rather than what they like.

Age, origin, nationality, religion, health, disability, prison, family status, orientation, contact
data and distress. English only. It leans to the safe side: a phrase too many stays unquoted.
"""

from __future__ import annotations

import re

from vocation.text.care import concern
from vocation.text.families import families


def is_personal(phrase: str) -> bool:
    """Tell whether `phrase` says something about a person that must not be quoted as a reason."""
    return concern(phrase) == "distress" or any(
        family.pattern.search(phrase) and not (family.unless and family.unless.search(phrase))
        for family in families("personal.txt", re.IGNORECASE)["personal"]
    )
