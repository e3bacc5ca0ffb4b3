"""Tell the stance of each clause of a text, and what of the text is read for an answer.

`read` is the only place that judges a stance: a learnt reader takes its place there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from vocation.records import HEARD, STANCES, Clause
from vocation.text import refusals
from vocation.text.clauses import clauses
from vocation.text.clean import phrases


class Heard(NamedTuple):
    """A cleaned text as it is heard: its `clauses`, and what is read of it for the answer, `kept`.

    `kept` is the whole text where every clause counts, and empty where none does. From the place
    `answer` on it is the person's answer to a question.
    """

    text: str
    clauses: tuple[Clause, ...]
    kept: str
    answer: int | None = None

    @classmethod
    def whole(cls, text: str) -> Heard:
        """All of a cleaned `text`, whatever it says."""
        return cls(text, (), text)

    def phrases(self, most: int = 16) -> list[tuple[int, int]]:
        """Return the places (start, end) of about `most` phrases of `kept` at most; none reaches
        over a gap.
        """
        if self.kept == self.text:
            return phrases(self.kept, most)
        counted = [clause for clause in self.clauses if clause.counts]
        found, begin = [], 0
        for clause in counted:
            own = phrases(clause.text, max(1, most // len(counted)))
            found += [(begin + start, begin + end) for start, end in own]
            # And the blank that joins it to the next.
            begin += (len(clause.text) + 1) * _times(clause)
        return found


def read(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a cleaned `text` with the stance that the rules find. English only."""
    places = clauses(text)
    stances = refusals.stances([text[start:end] for start, end in places])
    return tuple(
        Clause(start, end, text[start:end], stance, stance in HEARD)
        for (start, end), stance in zip(places, stances, strict=True)
    )


def listen(
    text: str, told: Mapping[int, str] | None = None, heed: bool = True, answer: str = ""
) -> Heard:
    """Return how a cleaned `text` is heard, and as its end an `answer` to a question about it.

    `told` is what the person says of their own clauses, by the number of each: it goes before what
    was read. Without `heed` every other clause is "neutral" and counts. Raises ValueError for a
    number that no clause has and for anything that is no stance.
    """
    begin = None
    if answer:
        text = text.rstrip(" ,;-") if has_letters(text) else ""
    found = list(read(text))
    if answer:
        # A sentence of its own: "cooking" behind "I don't want an office" is no part of that.
        end = "" if not text else " " if text[-1] in ".!?:…" else ". "
        begin = len(text) + len(end)
        text = text + end + answer
        found += [
            replace(clause, start=clause.start + begin, end=clause.end + begin)
            for clause in read(answer)
        ]
    if not heed:
        found = [replace(clause, stance="neutral", counts=True) for clause in found]
    for number, stance in (told or {}).items():
        _check(number, stance, len(found))
        found[number] = replace(found[number], stance=stance, counts=stance in HEARD)
    return Heard(text, tuple(found), _kept(text, found), begin)


def answer_alone(heard: Heard, told: Mapping[int, str] | None = None) -> Heard:
    """Return `heard` with only the answer read, and the clauses of `told` that count."""
    begin = heard.answer or 0
    found = [
        clause if clause.start >= begin or number in (told or {}) else replace(clause, counts=False)
        for number, clause in enumerate(heard.clauses)
    ]
    return heard._replace(clauses=tuple(found), kept=_kept(heard.text, found))


def has_letters(text: str) -> bool:
    """Whether anything in `text` can be read."""
    return any(letter.isalpha() for letter in text)


def _kept(text: str, found: list[Clause]) -> str:
    if all(clause.counts and _times(clause) == 1 for clause in found):
        return text
    return " ".join(clause.text for clause in found if clause.counts for _ in range(_times(clause)))


def _times(clause: Clause) -> int:
    """How often a clause that counts is read: what matters most is read twice."""
    return 2 if clause.stance == "most" else 1


def _check(number: Any, stance: Any, count: int) -> None:
    # True would pass as clause number 1.
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < count:
        expected = f"the number of a clause, 0 to {count - 1}" if count else "no clause"
        raise ValueError(f"stances: expected {expected}, found {number!r}")
    if stance not in STANCES:
        raise ValueError(
            f"stances: expected one of {', '.join(STANCES)} for clause {number}, found {stance!r}"
        )
