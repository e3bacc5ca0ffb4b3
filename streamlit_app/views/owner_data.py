"""Data: files in, what is wrong with which row, a repaired file out; a career's local facts."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from utils import owner, owner_site
from utils.owner_report import show_report
from utils.safe_text import escape
from utils.words import plain, say

from vocation import VocationError
from vocation.errors import explained
from vocation.owner import tables

_NAME = "pasted.csv"  # of a table from the clipboard


def main() -> None:
    """What the owner brings, and what they say about careers."""
    st.title(plain("owner_data.title"), anchor=False)
    st.markdown(say("owner_data.what", folder=str(owner.data())))
    for sentence in st.session_state.pop("owner_said", []):
        st.success(sentence)
    if wrong := st.session_state.pop("owner_wrong", ""):
        st.error(escape(wrong))
    _show_files()
    st.header(plain("owner_data.career"), anchor=False)
    owner_site.show_career()
    st.header(plain("owner_data.help"), anchor=False)
    owner_site.show_contacts()


def _show_files() -> None:
    number = st.session_state.setdefault("owner_uploads", 0)  # another key empties the box
    files = st.file_uploader(
        plain("owner_data.files"),
        accept_multiple_files=True,
        max_upload_size=tables.LARGEST,
        key=f"files {number}",
    )
    pasted = st.text_area(
        plain("owner_data.paste"), max_chars=tables.LONGEST_PASTE, key=f"paste {number}"
    )
    if st.button(plain("owner_data.check"), type="primary"):
        new = [(one.name, one.getvalue()) for one in files]
        if pasted.strip():
            new.append((_NAME, pasted.encode("utf-8", "replace")))
        _check(new)
    if (found := st.session_state.get("owner_checked")) is not None:
        _show_checked(*found)


def _check(files: Iterable[tuple[str, bytes]]) -> None:
    st.session_state.owner_checked = None
    with st.spinner(plain("owner_data.reading")):
        try:
            new = tables.by_name(files)
            st.session_state.owner_checked = tables.check(owner.data(), new), new
        except (VocationError, OSError) as error:
            owner.trouble(error)


def _show_checked(found: tables.Checked, new: dict[str, bytes]) -> None:
    show_report(found)
    if not found.new or found.data is None:
        return
    if found.repaired:
        several = len(found.repaired) > 1
        name, content = next(iter(found.repaired.items()))
        st.download_button(
            plain("owner_data.download"),
            tables.zipped(found.repaired) if several else content,
            file_name="repaired.zip" if several else name,
            on_click="ignore",
            key="repaired",
        )
        st.markdown(f":small[{say('owner_data.repaired')}]")
        st.button(
            plain("owner_data.save_repaired"),
            on_click=_save,
            args=(dict(found.repaired),),
            key="save repaired",
        )
    st.button(plain("owner_data.save"), on_click=_save, args=(new,), key="save")


def _save(files: dict[str, bytes]) -> None:
    try:
        kept = tables.save(owner.data(), files)
    except (VocationError, OSError) as error:
        st.session_state.owner_wrong = explained(error)
        return
    said = [say("owner_data.saved", names=", ".join(files))]
    if kept:
        said.append(say("owner_data.kept", count=len(kept), folder=str(kept[0].parent)))
    st.session_state.owner_said = said
    st.session_state.owner_checked = None
    st.session_state.owner_uploads += 1


if __name__ == "__main__":
    main()
