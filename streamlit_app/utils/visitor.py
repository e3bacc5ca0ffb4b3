"""What a visitor said and chose, for this session alone: their text, how each clause is meant, the
careers they put aside, compare or keep. Never logged, never written to a file of the server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import streamlit as st

from vocation.records import STANCES

MOST_COMPARED = 3
LONGEST = 50_000
"""Characters of a text at most: more than any CV, and little enough that nobody keeps the page
busy.
"""
_LONGEST_ANSWER, _MOST = 2_000, 100


@dataclass
class Visitor:
    """One visitor. `text` is what was asked, "" before; `stances` go by the number of the clause.

    `excluded` are careers that they do not want, `already` those that they do now; `compared` and
    `kept` are careers too. `held` are skills, `found` those that were read in a text:
    they are held unless that was taken back. `ticked` are the steps that are done, `notes` how
    trying a career felt, by career. `sent` are the tokens of what was said of careers, by the code
    of the answer and the career: who has them can take it back. `counted` are the occupations
    outside the list that were counted. `number` counts the answers.
    """

    text: str = ""
    answers: list[str] = field(default_factory=list)
    stances: dict[int, str] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    ticked: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    all_the_same: bool = False
    number: int = 0

    def ask(self, text: str) -> None:
        """Begin anew with another text; what was chosen among careers stays."""
        self.text, self.answers, self.stances, self.all_the_same = text, [], {}, False
        self.number += 1

    @property
    def answer(self) -> str:
        """All answers to questions as one text, of at most LONGEST characters."""
        return "\n".join(self.answers)[:LONGEST]

    def left_out(self, known: Iterable[str]) -> list[str]:
        """The careers not to be suggested, of those that are `known`."""
        names = {*self.excluded, *self.already}
        return [name for name in known if name in names]

    def find(self, skills: Iterable[str]) -> None:
        """Hold the `skills` that an answer read in the text, each once: who takes one back is
        believed.
        """
        new = [skill for skill in skills if skill not in self.found]
        self.found = [*self.found, *new][-_MOST:]
        self.held = list(dict.fromkeys([*self.held, *new]))[-_MOST:]

    def toggle(self, which: str, item: str, most: int = _MOST) -> None:
        """Put `item` into the list `which`, or take it out; the oldest goes where it is full."""
        items = [one for one in getattr(self, which) if one != item]
        if len(items) == len(getattr(self, which)):
            items = [*items, item][-most:]
        setattr(self, which, items)

    def to_json(self) -> str:
        """What the browser's tab keeps."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> Visitor:
        """The inverse of `to_json`. Raises ValueError for anything else: the tab may hold what it
        likes, and so may a file.
        """
        if len(kept) > 10 * LONGEST:
            raise ValueError(f"expected at most {10 * LONGEST} characters, found {len(kept)}")
        try:
            found = json.loads(kept)
        except RecursionError:
            raise ValueError("brackets within brackets without end") from None
        if not isinstance(found, dict):
            raise ValueError("expected an object")
        lists = {"excluded", "already", "compared", "kept", "held", "found", "ticked", "counted"}
        listed = {name: _once(_texts(found.get(name, []), 500)) for name in lists}
        return cls(
            text=_text(found.get("text", ""), LONGEST),
            answers=_texts(found.get("answers", []), _LONGEST_ANSWER),
            stances=_stances(found.get("stances", {})),
            **(listed | {"compared": listed["compared"][:MOST_COMPARED]}),
            notes=_notes(found.get("notes", {})),
            sent=_notes(found.get("sent", {})),
            all_the_same=found.get("all_the_same") is True,
            number=1,
        )


def visitor() -> Visitor:
    """The visitor of this session."""
    if "visitor" not in st.session_state:
        st.session_state.visitor = Visitor()
    found: Visitor = st.session_state.visitor
    return found


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")
    value.encode()  # JSON can name half a letter, which no page can show: a UnicodeEncodeError
    return value[:longest]


def _once(items: list[str]) -> list[str]:
    """Each item once: a page shows no two buttons of the same career."""
    return list(dict.fromkeys(items))


def _texts(value: Any, longest: int) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("expected a list of texts")
    return [_text(one, longest) for one in value[:_MOST]]


def _stances(value: Any) -> dict[int, str]:
    """By the number of the clause, which is a text in JSON."""
    found = {} if not isinstance(value, Mapping) else value
    return {
        int(number): stance
        for number, stance in list(found.items())[:1_000]
        if str(number).isdecimal() and len(str(number)) < 6 and stance in STANCES
    }


def _notes(value: Any) -> dict[str, str]:
    found = value if isinstance(value, Mapping) else {}
    return {
        _text(career, 500): _text(note, _LONGEST_ANSWER)
        for career, note in list(found.items())[:_MOST]
    }
