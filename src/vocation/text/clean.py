"""Prepare text for a model: clean it, join fields, mask role names, find phrases.

Training and serving share every line of this file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from vocation.text.markup import without_markup

ROLE_MASK = "this role"
"""What replaces a role name: with the names left in, every model is right in 99 % of rows."""

MAX_TEXT = 200_000
"""Characters of a text that a recommender reads, three times what its windows hold: what follows
would only take time and memory.
"""

_INPUT_FIELDS: dict[str, tuple[str, ...]] = {
    "qa": ("question", "answer"),
    "skills": ("skills", "description"),
    "jobs": ("description", "requirements"),
    "books": ("book_title", "description"),
    "profiles": ("profile",),
}

# Characters that carry no text that somebody sees: controls (except white space), soft hyphen,
# zero-width marks, direction marks, BOM, lone surrogates, notes between lines, tags.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

# Finds where a letter may have more than _MARKS marks. Normalisation sorts them in quadratic time:
# 5 s for 80,000 of them.
_STACK = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_MARKS = 30  # the limit of Unicode's Stream-Safe Text Format (UAX #15); no language comes near it

STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Characters that steer a terminal or reverse what follows: control codes except the line feed,
line separators, direction marks, lone surrogates.
"""

# Scripts without blanks between words, and how many of their characters make about one word:
# Chinese and Japanese; Thai and Lao; Burmese, Khmer, Tibetan and smaller ones of their kind, where
# vowels and stacked consonants are characters of their own.
_UNSPACED = {
    "\u3005-\u3007\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003134f": 2,
    "\u0e00-\u0eff": 4,
    "\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f"
    "\ua980-\ua9ff\uaa60-\uaa7f": 6,
}
_WORD = re.compile(
    "|".join(
        [
            *(f"[{letters}]{{1,{size}}}" for letters, size in _UNSPACED.items()),
            rf"[^\s{''.join(_UNSPACED)}]+",
        ]
    )
)

_NUMBER = re.compile(r"([+-]?\d+)(?:\.0*)?")

_JOINING = "and|but|because|while|although|so|or"


def clean(text: str) -> str:
    """Return `text` as one line of composed Unicode (NFC) without invisible characters.

    Runs of white space become one blank; of more than 30 marks on a letter the first 30 stay.
    Cleaning twice changes nothing more.
    """
    if not (text.isascii() and text.isprintable()):  # a quick look spares most texts the slow ones
        # Invisible characters go first: one between a letter and its mark keeps NFC from composing
        # them.
        text = unicodedata.normalize("NFC", _STACK.sub(_few_marks, _INVISIBLE.sub("", text)))
        text = _STACK.sub(_few_marks, text)  # once more: some marks come apart into two
    # split() without arguments knows every Unicode blank, such as the no-break space.
    return " ".join(text.split())


def plain_text(text: str) -> str:
    """Return `text` as `clean` does, without HTML: what a model learns from, and is asked.

    Doing it twice changes nothing more.
    """
    text = clean(text)
    if "<" in text or "&" in text:
        text = clean(without_markup(text))
    return text


def _few_marks(match: re.Match[str]) -> str:
    kept, stacked = [], 0
    for char in match.group():
        # combining() is 0 for a character that begins a new letter.
        stacked = stacked + 1 if unicodedata.combining(char) else 0
        if stacked <= _MARKS:
            kept.append(char)
    return "".join(kept)


def word_set(listed: str) -> frozenset[str]:
    """Return the blank-separated words of `listed` as a set, for look-ups."""
    return frozenset(listed.split())


def words(text: str) -> list[str]:
    """Return the words of `text` that have a letter.

    A script without blanks is cut by length instead: the number is right, the borders are not.
    """
    return [word for word in _WORD.findall(text) if any(letter.isalpha() for letter in word)]


def printable(text: str) -> str:
    """Return `text` with U+FFFD for every character that would steer a terminal."""
    return STEERING.sub("\ufffd", text)


def label_key(label: str) -> str:
    """Return the key of a career name: case, spaces, hyphens and Unicode form do not count.

    Of numbers, which are codes, the sign counts and a fraction of 0 does not: "0.0" is "0".
    """
    # NFKC, not NFC: full-width letters and ligatures count as plain ones.
    folded = unicodedata.normalize("NFKC", plain_text(label)).casefold()
    if number := _NUMBER.fullmatch(folded):
        return number[1]
    return " ".join(re.split(r"[\s\-_]+", folded)).strip()


def model_input(source: str, cells: Mapping[str, str]) -> str:
    """Return the text that a model reads for one row of the kind `source`.

    It joins the content fields in a fixed order, never the role column.
    """
    return " ".join(
        value for name in _INPUT_FIELDS[source] if (value := cells.get(name, "").strip())
    )


def mask_role(text: str, role: str, mask: str = ROLE_MASK) -> str:
    """Return `text` with every mention of `role` replaced by `mask`.

    Mentions are in any case, singular or plural, with blanks or hyphens between the words.
    """
    # Escaped, since a role may hold signs of a pattern: "C++ Developer".
    words = [re.escape(word) for word in re.split(r"[\s\-_/]+", role.strip()) if word]
    if not words:
        return text
    last = words.pop()
    # "secretary" and "secretaries"; "fireman" and "firemen". Other plurals only add letters.
    if last.endswith("y"):
        last = last[:-1] + "(?:y|ies)"
    elif last.endswith("man"):
        last = last[:-3] + "m[ae]n"
    pattern = r"[\s\-_/]+".join([*words, last])
    # Not \b: a role may begin or end with a sign, as "C++" does.
    return re.sub(rf"(?<!\w){pattern}(?:s|es)?(?!\w)", mask, text, flags=re.IGNORECASE)


def names_goal(text: str, noun: str) -> bool:
    """Tell whether `text` names a `noun` as a goal: "I want to be a nurse", "I am a nurse".

    English only; false for "I don't want to be a nurse".
    """
    # Behind an article up to two words may stand before the noun: "a really good nurse".
    cue = r"\b(?:be|become|becoming|being|am|as|I['’]?m)\s+(?:an?\s+(?:[\w-]+\s+){0,2}?)?"
    found = re.search(rf"{cue}{re.escape(noun)}(?!\w)", text, re.IGNORECASE)
    return found is not None and not re.search(
        r"\b(?:not|never|no)\b|n['’]t\b",
        # Only a denial in the same sentence counts.
        re.split("[.!?;]", text[: found.start()])[-1],
        re.IGNORECASE,
    )


def phrases(text: str, most: int = 16) -> list[tuple[int, int]]:
    """Return the places (start, end) of the clauses of `text`.

    They end at sentence ends, semicolons, line breaks, commas and joining words. If there are more
    than `most`, neighbours are joined.
    """
    found = []
    # A full stop before a letter or digit ends nothing: "Node.js", "3.5".
    for match in re.finditer(r"[^.!?;,\n]+(?:\.(?=\w)[^.!?;,\n]+)*", text):
        start = match.start()
        # The group keeps the joining words among the pieces, so that `start` stays right.
        for piece in re.split(rf"(\s(?:{_JOINING})\s|^\s*(?:{_JOINING})\s)", match.group()):
            end = start + len(piece)
            if len(re.findall(r"\w+", piece)) >= 2 or (
                re.search(r"\w", piece) and not re.fullmatch(rf"\s*(?:{_JOINING})\s*", piece)
            ):
                found.append(
                    (start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
                )
            start = end
    # -(-a // b) is a / b rounded up.
    size = max(1, -(-len(found) // most))
    return [
        (found[i][0], found[min(i + size, len(found)) - 1][1]) for i in range(0, len(found), size)
    ]
