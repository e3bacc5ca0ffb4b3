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
from vocation.text.clean import clean

_LINES = "[feedback]\ncollect = true\ntexts = false\nkeep_days = 180\nunder_13 = false"
_PLOT = 320  # pixels


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
    """The texts in a table: ticks decide which are learnt, and for which career."""
    st.header(plain("owner_feedback.review"), anchor=False)
    if not rows:
        st.markdown(say("owner_feedback.nothing"))
        return
    st.markdown(say("owner_feedback.review_what", folder=str(owner.data())))
    frame = pd.DataFrame(
        {
            # First what must be read before a tick: a phone shows three columns.
            "text": [clean(row.text) for row in rows],
            "learn": False,
            "leave": False,
            "career": [row.career for row in rows],
            "verdict": [plain(f"feedback.{row.verdict.replace(' ', '_')}") for row in rows],
            "day": [row.day for row in rows],
            "bundle": [row.bundle for row in rows],
            "confidence": [row.confidence for row in rows],
        },
        index=[row.token for row in rows],
    )
    heads: dict[str, Any] = {one: plain(f"owner_feedback.{one}") for one in frame}
    careers = sorted({*owner.careers(), *(row.career for row in rows)})
    heads["career"] = st.column_config.SelectboxColumn(
        heads["career"], options=careers, required=True
    )
    heads["text"] = st.column_config.TextColumn(heads["text"], width="medium")
    edited = st.data_editor(
        frame,
        hide_index=True,
        column_config=heads,
        disabled=[one for one in frame if one not in ("learn", "leave", "career")],
        # Another review is another table: ticks belong to the rows under them.
        key=f"review {len(rows)} {rows[0].token}",
        width="stretch",
    )
    st.button(
        plain("owner_feedback.take"),
        type="primary",
        key="take",
        on_click=_take,
        args=(kept, edited, keep_text),
    )


def _take(kept: Store, edited: pd.DataFrame, keep_text: bool) -> None:
    chosen = edited[edited["learn"]]["career"].to_dict()
    left_out = list(edited[edited["leave"] & ~edited["learn"]].index)
    try:
        done = review.accept(kept, chosen, owner.data(), left_out, keep_text)
    except (VocationError, OSError) as error:
        st.session_state.feedback_wrong = escape(str(error))
        return
    st.session_state.feedback_done = say(
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
