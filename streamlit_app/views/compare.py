"""Compare: up to three careers side by side."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import streamlit as st
from utils import page
from utils.career_card import pay_short, place, suited
from utils.safe_text import badges, escape
from utils.visitor import MOST_COMPARED, visitor
from utils.words import plain, say

from vocation.records import Career, Facts

_FIRST = 5  # skills to learn first


def main() -> None:
    """A column for each career, a row for each thing to compare."""
    recommender, person = page.recommender(), visitor()
    st.title(plain("compare.title"), anchor=False)
    chosen = [name for name in person.compared if name in recommender.classes]
    st.session_state["compare_choice"] = chosen
    st.multiselect(
        plain("compare.choose", count=MOST_COMPARED),
        recommender.classes,
        key="compare_choice",
        max_selections=MOST_COMPARED,
        on_change=_choose,
    )
    if not chosen:
        st.markdown(say("compare.none"))
        return
    careers = [recommender.career(name) for name in chosen]
    for column, career in zip(st.columns(len(careers), border=True), careers, strict=True):
        with column:
            _show(career)


def _choose() -> None:
    visitor().compared = list(st.session_state.compare_choice)


def _show(career: Career) -> None:
    facts = career.facts or Facts()
    with page.own_words(f"name {career.name}"):
        st.header(escape(career.name), anchor=False)
    parts: tuple[tuple[str, Callable[[Career], str]], ...] = (
        ("compare.work", lambda one: escape(one.in_brief())),
        ("compare.place", lambda one: place(facts.family, facts.job_zone)),
        ("compare.pay", _pay),
        ("compare.first", _skills),
        ("compare.entry", lambda one: escape(facts.entry_route)),
        ("compare.suits", lambda one: escape(suited(facts))),
    )
    own = ("compare.work", "compare.first", "compare.entry")  # in the words of the bundle
    for key, told in parts:
        with page.own_words(f"{key} {career.name}", labelled=True) if key in own else nullcontext():
            st.markdown(f"**{say(key)}**  \n{told(career) or say('compare.unknown')}")
    page.link(career.name, plain("card.more"))


def _pay(career: Career) -> str:
    pay = page.recommender().official_pay(career.name)
    return pay_short(pay) if pay else ""


def _skills(career: Career) -> str:
    """Which missing skill first: by how usual it is in this career, never by the score."""
    ordered = page.recommender().explorer.skills_first(career.name, visitor().held)
    return badges(tuple(skill for skill, _ in ordered[:_FIRST]), "gray")


main()
