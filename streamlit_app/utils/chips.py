"""The sentences of a text as controls: each a chip that says whether it counts, to be changed with
two taps; and the box for the answer to a question.
"""

from __future__ import annotations

import json
import textwrap
from contextlib import nullcontext

import streamlit as st

from utils.safe_text import escape
from utils.visitor import LONGEST, Visitor, visitor
from utils.words import listed, number, plain, say
from vocation import Recommendation, Recommender
from vocation.records import HEARD, Clause
from vocation.serving.twin import Twin

# What a visitor may say of a clause, and the stance that says so to vocation. "other" is not read
# and excludes nothing.
CHOICES = {"counts": "wanted", "out": "other", "left": "left", "most": "most"}
# Explaining reads the text once more for every phrase in it: beyond this many characters that takes
# too long.
LONGEST_EXPLAINED = 5_000
_ICONS = {"counts": "✓", "out": "✕", "left": "↩", "most": "★"}
_SHORT = 46  # characters of a chip
_MOST = 40  # chips; the rest of a long text is read as it is
_LONGEST = 2_000  # characters of an answer to a question


def answer(recommender: Recommender, person: Visitor) -> Recommendation:
    """The answer to what the visitor asked, with all that they said of it since; with reasons
    unless that takes too long.
    """
    aside = person.left_out(recommender.classes)
    return recommender.recommend(
        person.text[:LONGEST],
        explain=len(person.text) + len(person.answer) <= LONGEST_EXPLAINED,
        care=not person.all_the_same,
        answer=person.answer,
        stances=_fitting(recommender, person),
        # One at least must be left.
        exclude=aside[: len(recommender.classes) - 1],
    )


def twin(recommender: Recommender, person: Visitor) -> Twin:
    """Whether the answer would be the same for somebody else who writes this."""
    return recommender.twin(
        person.text[:LONGEST],
        stances=_fitting(recommender, person),
        answer=person.answer,
    )


def code_line(recommender: Recommender, person: Visitor) -> str:
    """The code of an answer in a sentence."""
    return plain("sheet.code", code=answer_code(recommender, person))


def answer_code(recommender: Recommender, person: Visitor) -> str:
    """The code of an answer: the same text, model and choices give the same code."""
    choices = json.dumps(
        [
            person.text,
            person.answers,
            sorted(person.stances.items()),
            person.left_out(recommender.classes),
        ]
    )
    return recommender.answer_code(choices)


def receipt(recommender: Recommender, confidence: float) -> str:
    """How often answers of this confidence were right, in a sentence; "" where nobody knows."""
    found = recommender.receipt(confidence)
    if found is None:
        return ""
    shares = ("least", "most", "low", "high")
    return plain(
        "card.receipt",
        n=number(found.n),
        right=number(found.right),
        **{name: f"{100 * getattr(found, name):.0f}" for name in shares},
    )


def _fitting(recommender: Recommender, person: Visitor) -> dict[int, str] | None:
    """What the visitor said of the clauses that the text has; a kept session may name others."""
    if not person.stances:
        return None
    count = len(recommender.clauses(person.text[:LONGEST], person.answer))
    return {place: told for place, told in person.stances.items() if place < count} or None


def ask_back(answer: Recommendation) -> None:
    """A box for the answer to the question of an unsure answer."""
    if answer.reason_code != "empty":
        key = f"answer {visitor().number} {len(visitor().answers)}"
        st.chat_input(
            plain("chips.answer"), key=key, max_chars=_LONGEST, on_submit=_add, args=(key,)
        )


def _add(key: str) -> None:
    person = visitor()
    person.answers.append(st.session_state[key])
    person.number += 1


def show_clauses(answer: Recommendation) -> None:
    """Each clause as a chip with how it is meant; the list of careers follows at once."""
    clauses = answer.clauses[:_MOST]
    if len(clauses) < 2 and all(clause.counts for clause in clauses):
        return
    counting = sum(clause.counts for clause in clauses)
    hint = say("chips.hint", count=counting, of=len(clauses))
    title = f"**{say('chips.title')}** :small[{hint}]"
    # An unsure answer has its question, and a phone no room for more.
    unsure = answer.decision == "unsure"
    if not unsure:
        st.markdown(title)
    with (
        st.expander(title) if unsure else nullcontext(),
        st.container(horizontal=True, gap="xsmall", key="chips"),
    ):
        for place, clause in enumerate(clauses):
            _chip(place, clause)


def _chip(place: int, clause: Clause) -> None:
    now = _meant(clause.stance)
    short = escape(textwrap.shorten(clause.text, _SHORT, placeholder=" …"))
    shown = short if clause.counts else f"~~{short}~~"
    key = f"clause {visitor().number} {place}"
    with st.popover(f"{_ICONS[now]} {shown}"):
        st.markdown(f"“{escape(clause.text)}”")
        if place not in visitor().stances:
            st.markdown(f":small[{say(f'stance.{clause.stance}')}]")
        st.radio(
            plain("chips.choose"),
            list(CHOICES),
            list(CHOICES).index(now),
            format_func=lambda choice: plain(f"chips.{choice}"),
            key=key,
            on_change=_mean,
            args=(place, key, clause.stance),
        )


def _meant(stance: str) -> str:
    """The choice that stands for a stance."""
    if stance in ("left", "most"):
        return stance
    return "counts" if stance in HEARD else "out"


def _mean(place: int, key: str, read: str) -> None:
    choice = st.session_state[key]
    # What was read says more than "out": work that is refused is not suggested either.
    visitor().stances[place] = read if choice == _meant(read) else CHOICES[choice]


def put_aside(career: str, which: str) -> None:
    """Leave a career out: `which` says why, "excluded" or "already"."""
    person = visitor()
    if career not in getattr(person, which):
        person.toggle(which, career)


def show_left_out() -> None:
    """The careers that the visitor put aside, to be taken back."""
    person = visitor()
    for which in ("excluded", "already"):
        careers = getattr(person, which)
        if careers:
            st.pills(
                plain(f"chips.{which}"),
                careers,
                format_func=lambda career: f"{escape(career)} ✕",
                key=f"back {which} {len(careers)} {listed(careers)}",
                on_change=_take_back,
                args=(which, f"back {which} {len(careers)} {listed(careers)}"),
            )


def _take_back(which: str, key: str) -> None:
    if career := st.session_state[key]:
        visitor().toggle(which, career)
