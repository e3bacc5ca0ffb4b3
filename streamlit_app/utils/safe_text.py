"""Texts from people and from bundles, made safe to show: what is written is what is seen, and
nothing in it is markup.
"""

from __future__ import annotations

import re

from vocation.text.clean import clean

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

# Streamlit looks for these after it has undone the backslashes: emoji codes, bare links and
# addresses, arrows and dashes. An invisible word joiner (U+2060) inside keeps them as they were
# typed.
_LATE = re.compile(
    r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=-)(?=[->])|(?<=[<>~])(?=[-=])", re.IGNORECASE
)


def escape(text: str) -> str:
    """`text` as one line of Markdown that shows exactly these characters: no HTML, link, image,
    formula, emoji code or colour.
    """
    return _PUNCTUATION.sub(r"\\\1", _LATE.sub("\u2060", clean(text)))


def badges(words: tuple[str, ...], colour: str) -> str:
    """`words` as a row of small labels, in Markdown; `colour` is one of Streamlit's."""
    return " ".join(f":{colour}-badge[{escape(word)}]" for word in words)
