"""What every page of the app needs: the model, the owner's settings, the visitor."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from utils.model_loader import bundle_path, load_model, stamp
from utils.safe_text import escape
from utils.visitor import visitor
from vocation import Recommender, VocationError
from vocation.site import Site, read


def recommender() -> Recommender:
    """The model of this session: the newest until somebody writes, who then keeps theirs, so that
    what they read stays true. Raises VocationError where there is none.
    """
    kept: Recommender | None = st.session_state.get("recommender")
    if kept is None or not visitor().text:
        path = bundle_path()
        kept = _recommender(str(path.resolve()), stamp(path))
        st.session_state.recommender = kept
    return kept


@st.cache_resource(show_spinner=False, max_entries=1)
def _recommender(path: str, written: int) -> Recommender:
    """One model for everybody, loaded again when the bundle at `path` was `written` anew. Nobody's
    text is ever cached.
    """
    return load_model(Path(path))


def site() -> Site:
    """The owner's settings. Raises DataError where their file is wrong."""
    return read(bundle_path())


def site_or_none() -> Site:
    """The owner's settings; none where their file is wrong, which the frame of the page says."""
    try:
        return site()
    except VocationError:
        return Site()


def examples(recommender: Recommender) -> tuple[str, ...]:
    """Texts to try, of the model's own careers and language: from the samples of its training."""
    samples = recommender.metadata.get("sample_predictions", [])
    found = (
        sample.get("text")
        for sample in samples
        if isinstance(sample, dict) and sample.get("decision") == "match"
    )
    return tuple(text for text in found if isinstance(text, str) and 0 < len(text) <= 300)[:4]


def own_words(name: str, *, labelled: bool = False) -> DeltaGenerator:
    """A box, `name` on its page, for texts of the bundle, which are in the language of its data.
    Where it is `labelled`, bold and small words and labels in it are the page's own.

    The browser marks its language by its key.
    """
    return st.container(key=f"career-{'labelled' if labelled else 'words'} {name}")


def link(career: str, label: str = "") -> None:
    """A link to the page of a career. Its address names the career, never what somebody wrote."""
    st.page_link("views/explore.py", label=label or escape(career), query_params={"career": career})


def go(view: str, label: str) -> None:
    """A link to another page of the app."""
    st.page_link(f"views/{view}.py", label=label)
