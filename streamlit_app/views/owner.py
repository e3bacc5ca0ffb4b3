"""The owner's first page: what is in use, who can reach it, and the way out."""

from __future__ import annotations

import streamlit as st
from utils import owner
from utils.page import recommender
from utils.words import plain, say

from vocation import VocationError
from vocation.owner.share import addresses


def main() -> None:
    """What the owner sees first."""
    st.title(plain("owner.title"), anchor=False)
    st.markdown(say("owner.what"))
    try:
        metadata = recommender().metadata
    except VocationError as error:
        owner.trouble(error)
    else:
        st.markdown(
            say(
                "owner.in_use",
                date=str(metadata["trained"])[:10],
                careers=len(metadata["classes"]),
            )
        )
    st.header(plain("owner.share"), anchor=False)
    found = addresses(owner.settings())
    st.markdown(say("owner.here"))
    st.code(found["here"], language=None)
    if "network" in found:
        st.markdown(say("owner.network"))
        st.code(found["network"], language=None)
    else:
        st.markdown(say("owner.no_network"))
        st.code("vocation app --host 0.0.0.0", language=None)
    st.markdown(f":small[{say('owner.folder', folder=str(owner.data()))}]")
    st.button(plain("owner.lock"), on_click=_lock)


def _lock() -> None:
    del st.session_state.owner


if __name__ == "__main__":
    main()
