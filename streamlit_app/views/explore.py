"""Explore: search the careers, and one page for each with an address of its own (?career=)."""

from __future__ import annotations

import streamlit as st
from utils import page
from utils.career_card import place, show_books, show_buttons, show_facts, show_questions
from utils.safe_text import badges, escape
from utils.visitor import visitor
from utils.words import Markdown, decimal, family_name, percent_of, plain, say

from vocation.records import Career, Facts
from vocation.serving.explorer import Related
from vocation.text.clean import clean

_SHOWN = 12  # careers of a list before one asks for more
_USUAL = 0.1  # share of texts that name a skill from which it says something


def main() -> None:
    """One career where the address names one, else the list."""
    asked = st.query_params.get("career", "")
    if asked != st.session_state.get("career_asked", ""):
        # A link to the page that is shown leaves the browser's address as it was: nobody could pass
        # the career on, and the next search would lead back to the one in the address.
        st.query_params.from_dict({"career": asked} if asked else {})
        st.session_state.career_asked = asked
    found = page.recommender().explorer.find(asked) if asked else []
    if asked and (not found or found[0].name.casefold() != asked.casefold()):
        st.warning(say("explore.unknown", career=asked[:80]))
    if found:
        _show_career(found[0])
    else:
        _show_list()


def _show_list() -> None:
    careers = page.recommender().careers
    st.title(plain("explore.title", count=len(careers)), anchor=False)
    query = st.text_input(
        plain("explore.search"), key="search", max_chars=100, persist_state="session"
    )
    families = sorted({one.facts.family for one in careers if one.facts and one.facts.family})
    zones = sorted({one.facts.job_zone for one in careers if one.facts and one.facts.job_zone})
    family = zone = None
    if len(families) > 1:
        family = st.selectbox(
            plain("explore.family"),
            families,
            index=None,
            format_func=family_name,
            placeholder=plain("explore.any"),
            key="family",
            persist_state="session",
        )
    if len(zones) > 1:
        zone = st.pills(
            plain("explore.zone"),
            zones,
            format_func=lambda one: plain(f"explore.zone_{one}"),
            key="zone",
            persist_state="session",
        )
    listed = page.recommender().explorer.find(query) if query.strip() else list(careers)
    listed = [one for one in listed if _fits(one, family, zone)]
    st.markdown(f":small[{say('explore.found', count=len(listed))}]")
    more = st.session_state.get("explore_more", False)
    for career in listed if more else listed[:_SHOWN]:
        _show_line(career)
    if len(listed) > _SHOWN and not more:
        st.button(plain("explore.more", count=len(listed)), key="explore_more")


def _fits(career: Career, family: str | None, zone: int | None) -> bool:
    facts = career.facts or Facts()
    return (family is None or facts.family == family) and (zone is None or facts.job_zone == zone)


def _show_line(career: Career) -> None:
    """A career in the list: its name leads to its page."""
    page.link(career.name)
    facts = career.facts or Facts()
    told = place(facts.family, facts.job_zone)
    lines = [escape(career.in_brief()), f":small[{told}]" if told else ""]
    with page.own_words(f"brief {career.name}", labelled=True):
        st.markdown("  \n".join(line for line in lines if line))


def _show_career(career: Career) -> None:
    """The page of a career: what it is, what to try, what it asks for, what it pays."""
    recommender, facts = page.recommender(), career.facts or Facts()
    st.page_link("views/explore.py", label=plain("explore.back"), icon=":material/arrow_back:")
    with page.own_words("name"):
        st.title(escape(career.name), anchor=False)
    if told := place(facts.family, facts.job_zone):
        st.markdown(told)
    with page.own_words("about", labelled=True):
        if career.description:
            st.text(clean(career.description))
        if facts.entry_route:
            st.markdown(f"{say('card.entry')} {escape(facts.entry_route)}")
    pay = recommender.official_pay(career.name)
    _show_own_pay(career.name)
    show_buttons(career.name)
    _show_own_links(career.name)
    if career.questions:
        st.header(plain("explore.questions"), anchor=False)
        show_questions(career)
    _show_skills(career)
    if career.facts is not None or pay is not None:
        st.header(plain("card.facts"), anchor=False)
        show_facts(career.name, facts, pay)
    if career.books:
        st.header(plain("explore.books"), anchor=False)
        show_books(career)
    _show_related(recommender.explorer.related(career.name))


def _show_own_pay(career: str) -> None:
    """What the owner of the page says that a career pays here."""
    pay = page.site_or_none().pay.get(career)
    if pay is not None:
        low, high = (
            Markdown(f"{escape(pay.currency)}\u00a0{decimal(one)}") for one in (pay.low, pay.high)
        )
        kind = "own_pay" if low == high else "own_pay_range"
        told = say(f"explore.{kind}", low=low, high=high, a_period=plain(f"explore.a_{pay.period}"))
        source = say("explore.own_source", source=pay.source, date=pay.date)
        st.markdown(f"{told} :small[{source}]")


def _show_own_links(career: str) -> None:
    """What the owner of the page has to say about a career: local links."""
    links = page.site_or_none().links
    for label, address in (*links.get(career, ()), *links.get("all", ())):
        st.link_button(escape(label), address)


def _show_skills(career: Career) -> None:
    """Skills, those that are named most in this career's own texts first."""
    ordered = page.recommender().explorer.skills_first(career.name, visitor().held)
    held = tuple(skill for skill in career.skills if skill in visitor().held)
    if not ordered and not held:
        return
    st.header(plain("card.skills"), anchor=False)
    with page.own_words("skills", labelled=True):
        if held:
            st.markdown(f":small[{say('card.skills_held')}] {badges(held, 'green')}")
        lines = [f"- {escape(skill)}{_usual(share)}" for skill, share in ordered]
        st.markdown("\n".join(lines))
        if any(share for _, share in ordered):
            st.markdown(f":small[{say('explore.order')}]")


def _usual(share: float | None) -> str:
    """How usual a skill is among the texts about the career; "" where so few name it that the
    number says nothing.
    """
    if share is None or share < _USUAL:
        return ""
    return f" :small[{say('explore.usual', share=percent_of(share))}]"


def _show_related(near: tuple[Related, ...]) -> None:
    if not near:
        return
    st.header(plain("explore.near"), anchor=False)
    for one in near:
        page.link(one.career)
        why = [
            say("explore.shares", skills=", ".join(one.skills)) if one.skills else "",
            say("explore.same_family") if one.same_family else "",
            say("explore.same_zone") if one.same_preparation else "",
        ]
        told = "; ".join(part for part in why if part) or say("explore.alike")
        st.markdown(f":small[{Markdown(told)}]")


main()
