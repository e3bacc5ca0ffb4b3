"""How a visitor talks back to an answer: they answer its question, and say of each part of their
text how it is meant. Kept for this browser session alone; vocation reads it.
"""

from __future__ import annotations

import streamlit as st

from utils.safe_text import escape
from vocation import Recommendation
from vocation.records import STANCES

_MEANT = {
    "wanted": "I want this",
    "can": "I can do this",
    "neutral": "just so you know",
    "refused": "I do not want this",
    "left": "I leave this behind",
    "other": "others do or want this",
}
_LONGEST = 2_000  # characters of an answer to a question


def forget() -> None:
    """Begin anew: what was said belonged to another text."""
    st.session_state.answers = []
    st.session_state.stances = {}
    # Part of every key, so that no box keeps what was chosen in it.
    st.session_state.round = st.session_state.get("round", 0) + 1


def answers() -> str:
    """What the visitor said to the questions, each on a line of its own."""
    return "\n".join(st.session_state.get("answers", []))


def stances() -> dict[int, str] | None:
    """What the visitor said of the clauses of their text, by number."""
    return st.session_state.get("stances") or None


def ask_back(answer: Recommendation) -> None:
    """A box for the answer to the question of an unsure answer."""
    if answer.question and answer.reason_code != "empty":
        key = f"answer {st.session_state.get('round', 0)}"
        st.chat_input("Your answer", key=key, max_chars=_LONGEST, on_submit=_add, args=(key,))


def _add(key: str) -> None:
    st.session_state.answers = [*st.session_state.get("answers", []), st.session_state[key]]


def show_clauses(answer: Recommendation) -> None:
    """Behind a fold, each clause with how it was understood, to be put right."""
    left_out = sum(not clause.counts for clause in answer.clauses)
    if len(answer.clauses) < 2 and not left_out:
        return
    title = "How it was understood"
    with st.expander(f"{title} ({left_out} left out)" if left_out else title):
        for number, clause in enumerate(answer.clauses):
            key = f"clause {st.session_state.get('round', 0)} {number}"
            st.selectbox(
                f"“{escape(clause.text)}”",
                STANCES,
                STANCES.index(clause.stance),
                format_func=_MEANT.__getitem__,
                key=key,
                on_change=_mean,
                args=(number, key),
            )


def _mean(number: int, key: str) -> None:
    st.session_state.stances = {
        **st.session_state.get("stances", {}),
        number: st.session_state[key],
    }
