"""What the page says, in the visitor's language: the files strings/*.toml, and strings/owner/*.toml
for the owner's pages.

A text is Markdown; what is put into it is shown as it is, unless it is `Markdown` already.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from utils.safe_text import escape

FOLDER = Path(__file__).resolve().parents[1] / "strings"
LANGUAGES = {"en": "English", "es": "Español"}
"""The languages of the page by code, each by its own name: those with a file of strings."""
_OF_CODES = (
    "en English, de German, fr French, es Spanish, pt Portuguese, it Italian, nl Dutch, "
    "sv Swedish, da Danish, nb Norwegian, fi Finnish, pl Polish, cs Czech, sk Slovak, "
    "hu Hungarian, ro Romanian, hr Croatian, sl Slovenian, tr Turkish, id Indonesian, "
    "vi Vietnamese, sw Swahili, tl Tagalog, ca Catalan, ru Russian, uk Ukrainian, bg Bulgarian, "
    "el Greek, zh Chinese, ja Japanese, ko Korean, ar Arabic, he Hebrew, th Thai, hi Hindi"
)
_CODES = {name: code for code, name in map(str.split, _OF_CODES.split(", "))}
_AMERICAN = {"ounsellor": "ounselor", "avourite": "avorite", "maths": "math"}
_THOUSANDS = {"en": ",", "es": "."}


class Markdown(str):
    """A text that is safe Markdown already."""


@lru_cache(maxsize=2 * len(LANGUAGES))
def strings(language: str, american: bool = False) -> Mapping[str, Any]:
    """All texts of a language by key, such as "match.button"; English ones are spelt the British
    way unless `american`.
    """
    found: dict[str, Any] = {}
    for folder in (FOLDER, FOLDER / "owner"):
        text = (folder / f"{language}.toml").read_text("utf-8")
        if american:
            for british, other in _AMERICAN.items():
                text = text.replace(british, other)
        found |= _flat(tomllib.loads(text))
    return found


_FIXED: ContextVar[tuple[str, bool] | None] = ContextVar("fixed", default=None)


def in_this_language(made: Callable[[], str]) -> Callable[[], str]:
    """`made` for later, in the language of now: Streamlit makes what is downloaded outside the
    visitor's session.
    """
    now = language(), bool(st.session_state.get("american"))

    def later() -> str:
        before = _FIXED.set(now)
        try:
            return made()
        finally:
            _FIXED.reset(before)

    return later


def _texts() -> Mapping[str, Any]:
    return strings(*(_FIXED.get() or (language(), bool(st.session_state.get("american")))))


def language() -> str:
    """The visitor's language: what they chose, else that of the browser, else English."""
    if fixed := _FIXED.get():
        return fixed[0]
    chosen = st.session_state.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    guess = (st.context.locale or "en").split("-")[0].lower()
    return guess if guess in LANGUAGES else "en"


def code(languages: Sequence[str]) -> str:
    """The code of the one language of a model's careers, for screen readers; "" where unclear."""
    return _CODES.get(languages[0], "") if len(languages) == 1 else ""


def say(key: str, **values: object) -> Markdown:
    """The text `key` in the visitor's language with `values` put in.

    A text with the forms `one` and `other` goes by the value `count`.
    """
    text = _texts()[key]
    if isinstance(text, Mapping):
        text = text["one" if values.get("count") == 1 else "other"]
    return Markdown(text.format(**{name: _shown(value) for name, value in values.items()}))


def plain(key: str, **values: object) -> str:
    """The text `key` with `values` put in as they are: where no Markdown is read."""
    text = _texts()[key]
    if isinstance(text, Mapping):
        text = text["one" if values.get("count") == 1 else "other"]
    return str(text.format(**values))


def listed(items: Iterable[str]) -> str:
    """`items` in a row: "Nurse, Chef or Baker" in the visitor's language."""
    *some, last = items
    return plain("list.or", some=", ".join(some), last=last) if some else last


def family_name(family: str) -> str:
    """The name of a field of work in the visitor's language; an owner's own ones as they are."""
    return str(_texts().get(f"family.{family}", family))


def language_name(name: str) -> str:
    """A language by its English name, in the visitor's language."""
    return str(_texts().get(f"languages.{name}", name))


def dated(date: str) -> str:
    """A date with its month in the visitor's language: "May 2025"; any other as it is."""
    month, _, year = date.partition(" ")
    return f"{_texts().get(f'month.{month}', month)} {year}".strip()


def number(value: int) -> str:
    """A whole number with the thousands parted as the language does."""
    return f"{value:,}".replace(",", _THOUSANDS[language()])


def decimal(value: float) -> str:
    """A number as the language writes it, with two decimals where it is not whole."""
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    thousands, point = _THOUSANDS[language()], "." if _THOUSANDS[language()] == "," else ","
    return text.replace(",", "\0").replace(".", point).replace("\0", thousands)


def percent_of(share: float) -> str:
    """A share as a whole percentage, never 0 or 100, which nobody can know."""
    key = "list.under" if share < 0.01 else "list.over" if share > 0.99 else "list.percent"
    return plain(key, percent=f"{100 * min(max(share, 0.01), 0.99):.0f}")


def _shown(value: object) -> object:
    if isinstance(value, Markdown):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        return escape(str(value))
    return number(value)


def _flat(table: Mapping[str, Any], start: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping) and set(value) != {"one", "other"}:
            yield from _flat(value, f"{start}{name}.")
        else:
            yield f"{start}{name}", value
