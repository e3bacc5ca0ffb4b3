"""One recommended career on the page: how well it fits, its skills, and behind folds its pay, books and questions."""

from __future__ import annotations

import streamlit as st

from utils.safe_text import badges, escape
from vocation.records import Career, Facts, Suggestion
from vocation.text import clean, label_key, percent

_ZONES = {1: "little or none", 2: "some", 3: "medium", 4: "considerable", 5: "extensive"}

# The six kinds of interest in plain words.
_INTERESTS = {
    "realistic": "working with hands, tools or machines",
    "investigative": "finding things out",
    "artistic": "creating",
    "social": "helping and teaching people",
    "enterprising": "leading and persuading",
    "conventional": "order, numbers and detail",
}


def show_career(place: int, suggestion: Suggestion, career: Career, folded: bool) -> None:
    """The card of the career in `place` (1 is best); `folded`, it takes one line until it is opened."""
    title = f"{place}\\. {escape(career.name)}"
    match = f"**{escape(suggestion.words).capitalize()}**, {percent(suggestion.confidence)}"
    with st.expander(f"{title}: {match}") if folded else st.container(border=True):
        if not folded:
            st.subheader(title, anchor=False)
        st.progress(suggestion.confidence, text=match)
        if career.description:
            st.text(clean(career.description))
        if suggestion.skills_held:
            st.markdown(f"**Skills you already named**  \n{badges(suggestion.skills_held, 'green')}")
        if suggestion.skills_missing:
            st.markdown(f"**Skills to learn**  \n{badges(suggestion.skills_missing, 'gray')}")
        _show_reasons(suggestion)
        _show_folds(career)


def _show_folds(career: Career) -> None:
    if career.facts is not None:
        with st.expander("Pay, jobs and preparation"):
            show_facts(career.name, career.facts)
    if career.books:
        with st.expander(f"What to read ({len(career.books)})"):
            for book in career.books:
                by = f" by {escape(book.author)}" if book.author else ""
                level = f" :gray-badge[{escape(book.level)}]" if book.level else ""
                st.markdown(f"**{escape(book.title)}**{by}{level}  \n{escape(book.description)}")
    if career.questions:
        with st.expander(f"Questions and answers ({len(career.questions)})"):
            for question in career.questions:
                with st.expander(escape(question.question)):
                    st.text(clean(question.answer))


def _show_reasons(suggestion: Suggestion) -> None:
    if suggestion.because is None:
        return
    for title, found in (("Your words that point to it", suggestion.because), ("Your words that point elsewhere", suggestion.against or ())):
        if found:
            st.markdown("  \n".join([f"**{title}**", *(f"“{escape(phrase)}”" for phrase in found)]))
    if not suggestion.because and not suggestion.against:
        st.markdown("**Your words:** no single part of your text decided this.")
    if suggestion.nearest:
        st.markdown(f"**What is said about it that comes nearest to your text:** {escape(suggestion.nearest)}")


def show_facts(name: str, facts: Facts) -> None:
    """Official figures with their sources; what was not released is left out."""
    if facts.title and label_key(facts.title).rstrip("s") != label_key(name).rstrip("s"):
        st.markdown(f"Nearest official occupation: {escape(facts.title)}")
    lines = list(pay_lines(facts))
    if facts.employment is not None:
        lines.append(f"**People employed in the USA:** {facts.employment:,}")
    if lines and facts.pay_title and facts.pay_title != facts.title:
        lines.append(f"Pay and number of people are those of: {escape(facts.pay_title)}")
    if facts.job_zone in _ZONES:
        lines.append(f"**Preparation needed:** {facts.job_zone} of 5 ({_ZONES[facts.job_zone]})")
    ranked = sorted(facts.interests.items(), key=lambda item: -item[1])[:3]
    suited = [f"{_INTERESTS.get(kind, escape(kind))} ({score:.1f} of 7)" for i, (kind, score) in enumerate(ranked) if i == 0 or score >= 4]
    if suited:
        lines.append(f"**Interests it suits:** {', '.join(suited)}")
    st.markdown("\n".join(f"- {line}" for line in lines))
    for source in (facts.pay_source, facts.interests_source):
        if source:
            st.markdown(f":small[{escape(source)}]")


def pay_lines(facts: Facts) -> list[str]:
    """Median and 10-90 % range in US dollars a year. In a top-coded row the highest figure released is a lower bound: "at least"."""
    released = [pay for pay in (facts.pay_p10, facts.pay_median, facts.pay_p90) if pay is not None]

    def dollars(pay: int) -> str:
        return f"{'at least ' if facts.top_coded and pay == max(released) else ''}\\${pay:,}"

    lines = []
    if facts.pay_median is not None:
        lines.append(f"**Pay in the USA:** {dollars(facts.pay_median)} a year in the middle (half earn more, half earn less)")
    if facts.pay_p10 is not None and facts.pay_p90 is not None:
        lines.append(f"Eight in ten earn between {dollars(facts.pay_p10)} and {dollars(facts.pay_p90)} a year (10\u201390\u00a0% range)")
    return lines
