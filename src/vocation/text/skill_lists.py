"""Read a list of skills, however somebody wrote it, as its skills."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from vocation.text.clean import plain_text
from vocation.text.markup import without_markup

# Commas, semicolons and bars, Chinese, Japanese and Arabic ones too; a slash between blanks; a
# line break; a bullet. A dot is one between blanks only: "col·lecció" is a word.
_SEPARATOR = r"[,;|\n\r、，；｜،؛•‣⁃∙▪▫◦●○■□◆▶►➢➤✓✔☑]|\s[/／·]\s"
# What begins a line of a list: a dash, a star, a number.
_DASH, _NUMBER = r"[-–—*+]\s", r"\d{1,2}[.)]\s"
_BULLETS = [re.compile(rf"(?:^|(?<=\s)){begin}") for begin in (_DASH, _NUMBER)]
_LINE_START = re.compile(rf"^\s*(?:{_DASH}|{_NUMBER})", re.M)
_NAMES = ("name", "skill", "title", "label", "value")  # keys of an object in a list, best first


def split_skills(text: str) -> list[str]:
    """Split a list of skills where it is separated outside of brackets.

    "Python (numpy, pandas), SQL" holds two. Separators are commas, semicolons, bars, line breaks,
    bullets, and slashes between blanks; lists and objects of JSON or Python are read as such.
    """
    text = without_markup(text).strip()
    if text[:1] in ("[", "{") and text[-1:] in ("]", "}"):
        text = "\n".join(_items(text))
    else:
        for bullet in _BULLETS:
            if bullet.match(text):  # "- a - b": all on one line
                text = bullet.sub("\n", text)
        text = _LINE_START.sub("", text)
    return [skill for part in split_outside_brackets(text, _SEPARATOR) if (skill := part.strip())]


def one_line(listed: str) -> str:
    """Return a list of skills that a line can hold: as it is, but for what cleaning would lose.

    Line breaks, tags and brackets of JSON become commas.
    """
    text = without_markup(listed).strip()
    if "\n" in text or "\r" in text or text[:1] in ("[", "{"):
        text = ", ".join(split_skills(text))
    return plain_text(text)


def split_outside_brackets(text: str, separator: str) -> Iterator[str]:
    """Yield the parts of `text` between what the pattern `separator` finds outside of brackets."""
    # From the end, since a separator is within brackets if the next bracket closes.
    cuts, closing = [], False
    for mark in reversed(list(re.finditer(rf"{separator}|[()（）]", text))):
        if mark[0] in "()（）":
            closing = mark[0] in ")）"
        elif not closing:
            cuts.append(mark)
    start = 0
    for mark in reversed(cuts):
        yield text[start : mark.start()]
        start = mark.end()
    yield text[start:]


def _items(text: str) -> Iterator[str]:
    """Yield the items of a list or the keys of an object, in JSON or as Python prints them."""
    for read in (json.loads, _python):
        try:
            found = read(text)
            break
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    else:
        found = text[1:-1].split(",")  # no quotes: "[Python, SQL]"
    for item in _flat(found):
        # A comma in quotes separates nothing.
        yield "/".join(part.strip(" \"'") for part in split_outside_brackets(item, _SEPARATOR))


def _python(text: str) -> Any:
    # An array of numpy has no commas between its items.
    return ast.literal_eval(re.sub(r"(?<=['\"])\s+(?=['\"])", ", ", text))


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        named = next((value[name] for name in _NAMES if isinstance(value.get(name), str)), None)
        yield from [named] if named is not None else map(str, value)
    elif isinstance(value, set):
        yield from sorted(map(str, value))  # a set has no order that stays
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            yield from _flat(item)
    elif value is not None:
        yield str(value)
