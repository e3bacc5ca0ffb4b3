"""Feedback: how often people agree, what is missing, and the review of the texts they left: only
rows that the owner ticks are learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from utils import feedback, owner
from utils import page as pages
from utils.safe_text import escape
from utils.words import plain, say

from vocation import VocationError
from vocation.feedback import review
from vocation.feedback.report import report
from vocation.feedback.store import FEWEST_SESSIONS, Kept, Store

_LINES = "[feedback]\ncollect = true\ntexts = false\nkeep_days = 180\nunder_13 = false"
_PLOT = 320  # pixels
_AT_ONCE = 20  # texts of one review: each is read in full


def page() -> None:
    """Figures, review, and the way to delete it all."""
    st.title(plain("owner_feedback.title"), anchor=False)
    settings = pages.site_or_none().feedback
    if not settings.collect:
        st.info(say("owner_feedback.off"))
        st.code(_LINES, language="toml")
    for key, show in (("feedback_wrong", st.error), ("feedback_done", st.success)):
        if told := st.session_state.pop(key, ""):
            show(told)
    kept = feedback.store(settings)
    try:
        found, rows = report(kept), review.waiting(kept.rows())
    except VocationError as error:
        st.error(escape(str(error)))
        return
    if not found["rows"] and not found["missing"]:
        st.markdown(say("owner_feedback.none"))
        return
    if found["rows"]:
        st.markdown(say("owner_feedback.count", count=found["rows"], **_hundred(found["fits"])))
    if found["by_confidence"]:
        _show_plot(found["by_confidence"])
    _show_table("misfits", ("career", "times", "of"), found["does_not_fit"])
    missing = [{"career": title, "sessions": n} for title, n in found["missing"].items()]
    if _show_table("missing", ("career", "sessions"), missing):
        st.markdown(f":small[{say('owner_feedback.missing_what', least=FEWEST_SESSIONS)}]")
    _show_review(kept, rows, settings.keep_reviewed)
    _show_delete(kept)


def _hundred(share: Mapping[str, float]) -> dict[str, str]:
    names = {"share": "value", "low": "low", "high": "high"}
    return {name: f"{100 * share[key]:.0f}" for name, key in names.items()}


def _show_plot(bands: Sequence[Mapping[str, float]]) -> None:
    """Shares of "fits" with their intervals against confidence, and the line where both agree."""
    st.header(plain("owner_feedback.plot"), anchor=False)
    names = {"confidence": "model", "value": "people", "n": "rows"}
    frame = pd.DataFrame(bands)
    frame[["confidence", "value", "low", "high"]] *= 100
    x = alt.X("confidence:Q", title=plain("owner_feedback.model")).scale(domain=[0, 100])
    y = alt.Y("value:Q", title=plain("owner_feedback.people")).scale(domain=[0, 100])
    tip = [alt.Tooltip(key, title=plain(f"owner_feedback.{name}")) for key, name in names.items()]
    points = alt.Chart(frame).mark_point(filled=True, size=90).encode(x, y, tooltip=tip)
    bars = alt.Chart(frame).mark_rule().encode(x, alt.Y("low:Q"), alt.Y2("high:Q"))
    ends = pd.DataFrame({"confidence": [0, 100], "value": [0, 100]})
    line = alt.Chart(ends).mark_line(strokeDash=[4, 4], opacity=0.5).encode(x, y)
    st.altair_chart((line + bars + points).properties(height=_PLOT))
    st.markdown(f":small[{say('owner_feedback.plot_what')}]")


def _show_table(name: str, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> bool:
    """A table that a screen reader can read, which Streamlit's own is not."""
    if rows:
        st.header(plain(f"owner_feedback.{name}"), anchor=False)
        heads = [say(f"owner_feedback.{one}") for one in columns]
        cells = [[escape(str(row[one])) for one in columns] for row in rows]
        lines = [heads, [":--", *["--:"] * (len(columns) - 1)], *cells]
        st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return bool(rows)


def _show_review(kept: Store, rows: Sequence[Kept], keep_text: bool) -> None:
    """The first texts that wait, each in full: ticks decide which are learnt, and for what."""
    st.header(plain("owner_feedback.review"), anchor=False)
    if not rows:
        st.markdown(say("owner_feedback.nothing"))
        return
    st.markdown(say("owner_feedback.review_what", folder=str(owner.data())))
    if len(rows) > _AT_ONCE:
        st.markdown(say("owner_feedback.first", shown=_AT_ONCE, count=len(rows)))
    shown = rows[:_AT_ONCE]
    careers = sorted({*owner.careers(), *(row.career for row in rows)})
    # A form: no tick is on its way when the button is pressed.
    with st.form("review", border=False):
        for row in shown:
            _show_row(row, careers)
        st.form_submit_button(
            plain("owner_feedback.take"),
            type="primary",
            key="take",
            on_click=_take,
            args=(kept, [row.token for row in shown], keep_text),
        )


def _show_row(row: Kept, careers: Sequence[str]) -> None:
    with st.container(border=True):
        st.markdown(escape(row.text))
        verdict = plain(f"feedback.{row.verdict.replace(' ', '_')}")
        facts = [
            f"{verdict}: {row.career}",
            f"{plain('owner_feedback.confidence')}: {100 * row.confidence:.0f} %",
            row.day,
            f"{plain('owner_feedback.bundle')} {row.bundle}",
        ]
        st.markdown(f":small[{escape(' · '.join(facts))}]")
        st.selectbox(
            plain("owner_feedback.career"),
            careers,
            index=careers.index(row.career),
            key=f"career {row.token}",
        )
        with st.container(horizontal=True):
            for choice in ("learn", "leave"):
                st.checkbox(plain(f"owner_feedback.{choice}"), key=f"{choice} {row.token}")


def _take(kept: Store, tokens: Sequence[str], keep_text: bool) -> None:
    state = st.session_state
    chosen = {token: state[f"career {token}"] for token in tokens if state[f"learn {token}"]}
    left_out = [token for token in tokens if state[f"leave {token}"] and token not in chosen]
    try:
        done = review.accept(kept, chosen, owner.data(), left_out, keep_text)
    except (VocationError, OSError) as error:
        state.feedback_wrong = escape(str(error))
        return
    state.feedback_done = say(
        "owner_feedback.done", added=done.added, known=done.known, left=done.left
    )


def _show_delete(kept: Store) -> None:
    st.header(plain("owner_feedback.delete"), anchor=False)
    st.markdown(say("owner_feedback.delete_what"))
    sure = st.checkbox(plain("owner_feedback.sure"), key="sure to delete")
    st.button(
        plain("owner_feedback.delete"),
        key="delete all",
        disabled=not sure,
        on_click=_erase,
        args=(kept,),
    )


def _erase(kept: Store) -> None:
    st.session_state["sure to delete"] = False
    try:
        count = kept.erase()
    except VocationError as error:
        st.session_state.feedback_wrong = escape(str(error))
        return
    st.session_state.feedback_done = say("owner_feedback.deleted", count=count)


if __name__ == "__main__":
    page()
