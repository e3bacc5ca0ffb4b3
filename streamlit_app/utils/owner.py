"""What the owner's pages share: the PIN before them, the folders, and the bundle in use."""

from __future__ import annotations

import math
from pathlib import Path

import streamlit as st

from utils import page
from utils.model_loader import bundle_path
from utils.safe_text import escape
from utils.words import plain, say
from vocation import VocationError
from vocation.owner import access

_LONGEST = 200  # characters of a PIN that are looked at


def let_in() -> bool:
    """Whether the owner is here; else ask for the PIN."""
    if st.session_state.get("owner"):
        return True
    st.title(plain("owner.title"), anchor=False)
    owner = settings()
    if owner.plain_network(st.context.url or "") and not owner.on_network:
        st.error(say("owner.plain_network"))
        return False
    with st.form("pin", border=False):
        pin = st.text_input(
            plain("owner.pin"), type="password", max_chars=_LONGEST, autocomplete="off"
        )
        pressed = st.form_submit_button(plain("owner.open"), type="primary")
    if pressed and access.DOOR.opens(owner, pin):
        st.session_state.owner = True
        st.rerun()
    if wait := access.DOOR.wait():
        st.error(say("owner.wait", count=math.ceil(wait)))
    elif pressed:
        st.error(say("owner.wrong"))
    return False


def settings() -> access.Owner:
    """The settings of the owner; the frame of the page asks only where there are some."""
    found = access.settings()
    if found is None:
        raise RuntimeError("a page of the owner without an owner")
    return found


def data() -> Path:
    """The folder with the owner's files, which need not be there yet."""
    return Path(settings().data)


def bundle() -> Path:
    """The bundle in use."""
    return bundle_path().resolve()


def careers() -> list[str]:
    """The careers of the bundle in use; none where it cannot be read."""
    try:
        return list(page.recommender().classes)
    except VocationError:
        return []


def trouble(error: Exception) -> None:
    """Say what went wrong, in the program's own sentence."""
    for line in str(error).splitlines():
        st.error(escape(line))
