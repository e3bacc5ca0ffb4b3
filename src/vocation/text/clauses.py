"""Cut a text into clauses: the pieces of which each has one stance.

"I like cooking but I hate the shifts" says two things, and one vector of the whole holds both.
"""

from __future__ import annotations

import re
from itertools import pairwise

MOST = 24
"""Clauses of a text; neighbours of more are joined."""

_LEAST_WORDS = 3

_SUBJECT = (
    r"(?:i|i['’]?(?:m|d|ve|ll)|im|ive|id|we|my|he|she|they|it|it['’]?s|you|there|that['’]?s|this"
    r"|mum|mom|dad|everyone|everybody|people|nobody)"
)
_TURN = (
    r"(?:but|though|although|because|cause|cuz|except|whereas|while|however|yet|until|unlike"
    r"|instead\s+of|rather\s+than|not|never|no\s+longer|than|anything\s+but|even\s+if|if\s+only)"
)
_EDGE = re.compile(
    rf"""
    (?<=[.!?…;:])["'”’)\]]*\s+          # the end of a sentence, a colon, a semicolon
    | \s*[\r\n]+\s*                      # a line
    | \s+[-–—•*]+\s+ | [–—] | \.{{2,}}\s*   # a dash, a bullet, dots
    | \s*[()]\s*
    | ,\s+(?={_TURN}\b)                  # a contrast
    | ,\s+(?=the\s+ones?\b)             # not the doctor, the one who ...
    | \s+(?=(?:but|though|although|because|except|whereas|however|instead\s+of|rather\s+than
              |unlike|anything\s+but)\b)
    | (?<=\w)\s+(?=than\b)               # rather X than Y
    | ,\s+(?=(?:(?:and|so|or|then|now|plus)\s+)?{_SUBJECT}\b)   # a new subject
    | ,?\s+(?=and\s+(?:now\s+)?(?:want|would|wish|hope|need|love|like|prefer)\b)
    | \s+(?=(?:and|so)\s+(?:i|i['’]?(?:m|d|ve|ll)|im|ive|he|she|they|we|my)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def clauses(text: str, most: int = MOST) -> list[tuple[int, int]]:
    """Return the places (start, end) of the clauses of `text`, without blanks at their ends.

    A clause has 3 words or more, where the text has; shorter pieces belong to the one before, a
    first one to the one after. Joined, the clauses hold every word of the text.
    """
    cuts = [0]
    for edge in _EDGE.finditer(text):
        cuts.append(edge.end())
    cuts.append(len(text))
    pieces: list[tuple[int, int]] = []
    open_from: int | None = None
    for start, end in pairwise(cuts):
        found = len(_WORD.findall(text, start, end))
        if not found:
            continue
        start = start if open_from is None else open_from
        open_from = None
        if len(_WORD.findall(text, start, end)) >= _LEAST_WORDS:
            pieces.append((start, end))
        elif pieces:
            pieces[-1] = (pieces[-1][0], end)
        else:
            open_from = start
    if open_from is not None:
        pieces.append((open_from, len(text)))
    while len(pieces) > 4 * most:
        # Far too many: every two are joined, since to look for the shortest takes a look at all.
        pieces = [
            (pieces[i][0], pieces[min(i + 1, len(pieces) - 1)][1]) for i in range(0, len(pieces), 2)
        ]
    while len(pieces) > most:
        # The shortest pair of neighbours is joined first, so that long clauses stay themselves.
        i = min(range(len(pieces) - 1), key=lambda k: pieces[k + 1][1] - pieces[k][0])
        pieces[i : i + 2] = [(pieces[i][0], pieces[i + 1][1])]
    return [
        (start + len(own) - len(own.lstrip()), start + len(own.rstrip()))
        for start, end in pieces
        if (own := text[start:end])
    ]
