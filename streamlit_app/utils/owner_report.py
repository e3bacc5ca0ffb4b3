"""What the owner's files come to, as Data and Train show it: rows, level, what is wrong where."""

from __future__ import annotations

import streamlit as st

from utils.safe_text import escape
from utils.words import Markdown, plain, say
from vocation.owner.tables import Checked

_SHOWN = 500  # rows of a table of remarks: more are a file to correct, not a list to read
_LISTED = 40  # hints


def show_report(found: Checked) -> None:
    """The report of `vocation validate`, in the sheet's own rows."""
    if found.data is None:
        st.error(say("owner_data.unreadable"))
        for problem in found.problems:
            st.markdown(f"- {escape(problem)}")
        return
    report = found.data.report
    st.subheader(plain("owner_data.report"), anchor=False)
    st.markdown(
        say(
            "owner_data.rows",
            read=report.rows_in,
            used=report.used,
            merged=len(report.merged),
            dropped=len(report.dropped),
            careers=report.roles,
        )
    )
    show_level(found)
    for warning in report.warnings:
        st.warning(escape(warning))
    if remarks := found.remarks():
        st.markdown(f"**{say('owner_data.remarks', count=len(remarks))}**")
        st.dataframe(
            [
                {
                    plain("owner_data.column_file"): one.file,
                    plain("owner_data.column_row"): one.row,
                    plain("owner_data.column_column"): one.column,
                    plain("owner_data.column_what"): one.what,
                }
                for one in remarks[:_SHOWN]
            ],
            hide_index=True,
        )
    hints = [*report.hints, *map(str, report.contradictions), *map(str, report.label_merges)]
    if hints:
        with st.expander(plain("owner_data.hints", count=len(hints))):
            st.markdown("\n".join(f"- {escape(hint)}" for hint in hints[:_LISTED]))
    show_careers(found)
    st.markdown(f":small[{say('owner_data.english')}]")


def show_level(found: Checked) -> None:
    """How much data there are by the measure of the guide, and what the next level needs."""
    if found.data is not None:
        report = found.data.report
        level = plain(f"owner_data.level_{report.level.replace(' ', '_')}")
        missing = Markdown(f" ({escape(report.missing)})" if report.missing else "")
        st.markdown(say("owner_data.level", level=level, missing=missing))


def show_careers(found: Checked) -> None:
    """How many rows each career has."""
    with st.expander(plain("owner_data.careers", count=len(found.careers))):
        st.dataframe(
            [
                {plain("owner_data.column_career"): career, plain("owner_data.column_rows"): count}
                for career, count in found.careers.items()
            ],
            hide_index=True,
        )
