"""My plan: careers kept, skills held and next, what to read, steps to tick, one thing to try this
week; kept in the browser's tab, saved to and loaded from a small file, and a sheet to print.
"""

from __future__ import annotations

import streamlit as st
from utils import page, sheet
from utils.career_card import to_try
from utils.safe_text import escape
from utils.visitor import Visitor, visitor
from utils.words import in_this_language, plain, say

from vocation.records import Career

_FIRST = 3  # skills that come next, and books
_STEPS = ("talk", "try", "learn", "ask", "apply")
_LARGEST = 1  # megabytes of a saved plan
_NOTE = 500  # characters of how it felt


def main() -> None:
    """The plan of the careers that were kept."""
    recommender, person = page.recommender(), visitor()
    st.title(plain("plan.title"), anchor=False)
    kept = [recommender.career(name) for name in person.kept if name in recommender.classes]
    if not kept:
        st.markdown(say("plan.none"))
    for career in kept:
        with st.container(border=True):
            _show(career, person)
    _show_sheet(person)
    _show_file(person)


def _show(career: Career, person: Visitor) -> None:
    with page.own_words(f"name {career.name}"):
        st.header(escape(career.name), anchor=False)
    page.link(career.name, plain("card.more"))
    with page.own_words(f"plan {career.name}", labelled=True):
        if career.skills:
            st.pills(
                plain("plan.skills"),
                career.skills,
                format_func=escape,
                default=[skill for skill in career.skills if skill in person.held],
                selection_mode="multi",
                key=f"held {career.name}",
                on_change=_hold,
                args=(career.name, career.skills),
            )
            ordered = page.recommender().explorer.skills_first(career.name, person.held)
            following = ", ".join(skill for skill, _ in ordered[:_FIRST])
            if following:
                st.markdown(say("plan.next", skills=following))
        if career.books:
            read = "; ".join(book.title for book in career.books[:_FIRST])
            st.markdown(say("plan.read", books=read))
    st.markdown(f"**{say('plan.steps')}**")
    if attempt := to_try(career):
        with page.own_words(f"try {career.name}", labelled=True):
            st.markdown(f"**{say('sheet.try')}** {escape(attempt)}")
    for step in _STEPS:
        name = f"{step} {career.name}"
        st.checkbox(
            plain(f"plan.step_{step}"),
            value=name in person.ticked,
            key=f"step {name}",
            on_change=person.toggle,
            args=("ticked", name),
        )
    st.text_input(
        plain("plan.felt"),
        value=person.notes.get(career.name, ""),
        max_chars=_NOTE,
        key=f"felt {career.name}",
        on_change=_note,
        args=(career.name,),
    )
    note = person.notes.get(career.name)
    if note in person.answers:
        page.go("match", plain("plan.joined"))
    elif note and person.text:
        st.button(
            plain("plan.join"), key=f"join {career.name}", on_click=_join, args=(career.name,)
        )


def _hold(career: str, skills: tuple[str, ...]) -> None:
    person = visitor()
    chosen = st.session_state[f"held {career}"] or []
    person.held = [skill for skill in person.held if skill not in skills] + list(chosen)


def _note(career: str) -> None:
    visitor().notes[career] = st.session_state[f"felt {career}"].strip()


def _join(career: str) -> None:
    """How trying it felt joins the text, and is answered with it."""
    person = visitor()
    person.answers.append(person.notes[career])
    person.number += 1


def _show_sheet(person: Visitor) -> None:
    """One page for the visitor and a counsellor, made when it is asked for."""
    if person.text:
        st.header(plain("plan.sheet"), anchor=False)
        st.markdown(say("plan.sheet_what"))
        st.download_button(
            plain("plan.sheet_save"),
            in_this_language(lambda: sheet.html(page.recommender(), person)),
            file_name="careers.html",
            mime="text/html",
            on_click="ignore",
        )


def _show_file(person: Visitor) -> None:
    """The plan as a small file: nothing of it stays on the server."""
    with st.expander(plain("plan.file")):
        st.markdown(say("plan.file_what"))
        st.download_button(
            plain("plan.file_save"),
            person.to_json,
            file_name="my-plan.json",
            mime="application/json",
            on_click="ignore",
        )
        loaded = st.file_uploader(
            plain("plan.file_load"), type="json", max_upload_size=_LARGEST, key="plan_file"
        )
        if loaded is not None and st.session_state.get("plan_loaded") != loaded.file_id:
            st.session_state.plan_loaded = loaded.file_id
            try:
                found = Visitor.from_json(loaded.getvalue().decode())
            except ValueError:  # of which a UnicodeDecodeError is one
                st.session_state.plan_wrong = True
            else:
                st.session_state.plan_wrong = False
                st.session_state.visitor = found
                st.session_state.words = found.text
                st.rerun()
        if loaded is not None and st.session_state.get("plan_wrong"):
            st.error(say("plan.file_wrong"))


main()
