"""Card and audit: what is known of the model in use, a fold for each part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st
from utils import owner
from utils.page import recommender
from utils.safe_text import escape
from utils.words import plain, say

from vocation import VocationError
from vocation.owner.card_parts import Block, parts
from vocation.reports import card, runs
from vocation.reports.checklist import checklist

# Parts of the card whose names the page has in each language.
_NAMED = (
    *("Accuracy", "Skills and pay", "Fairness", "Data", "Privacy", "Training", "Sample answers"),
    *("Known limits", "Made with", "Sources and licences", "Members", "Gain and cost"),
)


def main() -> None:
    """The parts that matter most first."""
    st.title(plain("owner_card.title"), anchor=False)
    try:
        metadata = recommender().metadata
    except VocationError as error:
        owner.trouble(error)
        return
    st.markdown(f":small[{say('owner_card.english')}]")
    with st.expander(plain("owner_card.checklist")):
        _show_checklist()
    with st.expander(plain("owner_card.mixed_up")):
        _show_mixed_up(metadata)
    for part in parts(card.text(metadata)):
        known = part.title in _NAMED
        name = plain(f"owner_card.part_{part.title.lower().replace(' ', '_')}") if known else ""
        with st.expander(name or escape(part.title)):
            for block in part.blocks:
                _show(block)
    with st.expander(plain("owner_card.runs")):
        _show_runs()


def _show_checklist() -> None:
    """Measured when it is asked for: it takes seconds."""
    st.markdown(say("owner_card.checklist_what"))
    if st.button(plain("owner_card.measure"), key="measure"):
        with st.spinner(plain("owner_card.measuring")):
            try:
                found = checklist(owner.bundle())
            except VocationError as error:
                owner.trouble(error)
                return
        lines = [
            f"- {'✓' if one.passed else '✕'} **{escape(one.name)}**: {escape(one.found)}"
            for one in found
        ]
        st.markdown("\n".join(lines))


def _show_mixed_up(metadata: Mapping[str, Any]) -> None:
    found = (metadata.get("metrics") or {}).get("mixed_up") or []
    st.markdown(say("owner_card.mixed_up_what" if found else "owner_card.mixed_up_none"))
    if found:
        header = [plain(f"owner_card.mixed_{name}") for name in ("right", "answered", "times")]
        rows = [(one["right"], one["answered"], f"{one['times']} / {one['of']}") for one in found]
        _table([header, *rows])


def _show_runs() -> None:
    try:
        found, _ = runs.load(runs.folder_of(owner.bundle()))
    except VocationError:
        found = []
    if found:
        _table([runs.HEADER, *map(runs.listed, found)])
    else:
        st.markdown(say("owner_card.no_runs"))


def _show(block: Block) -> None:
    if block.kind == "code":
        st.code("\n".join(block.lines), language=None)
    elif block.kind == "table":
        _table(block.rows)
    else:
        start = "- " if block.kind == "list" else ""
        for line in block.lines:
            st.markdown(f"{start}{escape(line)}")


def _table(rows: Iterable[Sequence[str]]) -> None:
    """A table of plain texts under the first row."""
    header, *others = rows
    names = [name or "\u00a0" * (i + 1) for i, name in enumerate(header)]
    st.dataframe([dict(zip(names, row, strict=False)) for row in others], hide_index=True)


if __name__ == "__main__":
    main()
