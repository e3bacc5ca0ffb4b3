"""The page: somebody writes a few sentences and gets careers with reasons, skills, books and pay.
It holds no logic: vocation answers. Here is what all its pages share; each page is in `views`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import streamlit as st
from utils import browser, errors, page
from utils.safe_text import escape
from utils.visitor import Visitor, visitor
from utils.words import LANGUAGES, code, language, plain, say

from vocation import VocationError
from vocation.owner.access import settings as owner_settings
from vocation.site import Site

# The pages in their order; each is a file in `views` and has its texts under its name.
PAGES = ("match", "explore", "compare", "plan", "about")
# Those of the owner, with `vocation app --owner` alone.
OWNER_PAGES = ("owner", "owner_data", "owner_train", "owner_card", "owner_feedback")


# Streamlit marks a link to the page that is shown, be it to another career of Explore; and a link
# among texts looks like none.
_LINKS = """<style>
[data-testid="stPageLink-NavLink"]:not([class*="st-key-pages"] a) { background: transparent }
[data-testid="stPageLink-NavLink"]:not([class*="st-key-pages"] a) p {
  font-weight: 400; text-decoration: underline; text-underline-offset: 0.2em }
</style>"""


def main() -> None:
    """The frame of every page."""
    errors.leave_messages_out()
    site, problem = _site()
    st.session_state.setdefault("language", site.language or None)
    st.session_state.american = site.spelling == "american"
    name = site.name or plain("page.name")
    st.set_page_config(page_title=name, layout="centered", initial_sidebar_state="collapsed")
    if site.logo:
        st.logo(site.logo, size="large")
    views = [
        st.Page(
            f"views/{one}.py",
            title=plain(f"{one}.tab"),
            url_path="" if one == "match" else one,
            default=one == "match",
        )
        for one in PAGES
    ]
    own = _owner_pages()
    st.html(_LINKS)
    # Streamlit's own row of pages is hidden behind a sign on a phone.
    chosen = st.navigation({"": views, "owner": own} if own else views, position="hidden")
    _show_links("pages", views)
    if own:
        _show_links("pages-of-owner", own if st.session_state.get("owner") else own[:1])
    if problem:  # said to whoever sets the page up; a visitor still gets an answer
        st.error(escape(problem))
    if chosen.url_path in OWNER_PAGES:
        _show_owners(chosen)
        return
    try:
        recommender = page.recommender()
    except VocationError as error:
        _show_no_model(error)
        return
    fresh = visitor() == Visitor()
    chosen.run()
    _show_foot()
    _tell(code(recommender.languages), fresh)


def _show_links(name: str, views: Sequence[Any]) -> None:
    with st.container(horizontal=True, gap="small", key=name):
        for view in views:
            st.page_link(view)


def _owner_pages() -> list[Any]:
    """The pages of the owner; without `vocation app --owner` there are none."""
    if owner_settings() is None:
        return []
    return [
        st.Page(f"views/{one}.py", title=plain(f"{one}.tab"), url_path=one) for one in OWNER_PAGES
    ]


def _show_owners(chosen: Any) -> None:
    """A page of the owner, behind the PIN; also where the bundle in use is damaged."""
    from utils import owner

    if owner.let_in():
        chosen.run()
    _show_languages()
    _tell("", visitor() == Visitor())


def _tell(careers: str, fresh: bool) -> None:
    browser.tell(
        language=language(),
        careers=careers,
        said=st.session_state.get("said", ""),
        number=visitor().number,
        keep=visitor().to_json(),
        fresh=fresh,
        on_restored=_restore,
    )


def _site() -> tuple[Site, str]:
    """The owner's settings, and what is wrong with them."""
    try:
        return page.site(), ""
    except VocationError as error:
        return Site(), str(error)


def _restore() -> None:
    """Take what the browser's tab kept, unless something was said meanwhile."""
    kept = st.session_state.browser.restored
    if kept and visitor() == Visitor():
        try:
            st.session_state.visitor = Visitor.from_json(kept)
        except ValueError:  # of another version of the page, or spoilt: begin anew
            return
        st.session_state.words = st.session_state.visitor.text


def _show_no_model(error: VocationError) -> None:
    logging.getLogger("vocation").error("%s", error)  # for whoever runs the page
    st.error(say("page.no_model"))
    with st.expander(say("page.owner")):
        st.markdown(escape(str(error)))
        st.markdown(say("page.no_model_owner"))


def _show_foot() -> None:
    """What is always visible: who answers, where the text stays; and the language of the page."""
    kept = page.site_or_none().feedback.asks_for_texts
    words = ("page.privacy_kept",) if kept else ("page.program", "page.privacy")
    st.markdown(f":small[{' '.join(map(say, words))}]")
    _show_languages()


def _show_languages() -> None:
    st.segmented_control(
        say("page.language"),
        list(LANGUAGES),
        default=language(),
        required=True,
        format_func=LANGUAGES.__getitem__,
        key="language_choice",
        on_change=_choose_language,
        label_visibility="collapsed",
    )


def _choose_language() -> None:
    st.session_state.language = st.session_state.language_choice


main()
