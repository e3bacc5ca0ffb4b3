"""One recommended career on the page: how well it fits, its skills, and behind folds its pay, books
and questions.
"""

from __future__ import annotations

import streamlit as st

from utils.safe_text import badges, escape
from vocation import catalogue
from vocation.format import percent
from vocation.records import Career, Facts, Pay, Suggestion
from vocation.text.clean import clean, label_key

# The six kinds of interest in plain words.
_INTERESTS = {
    "realistic": "working with hands, tools or machines",
    "investigative": "finding things out",
    "artistic": "creating",
    "social": "helping and teaching people",
    "enterprising": "leading and persuading",
    "conventional": "order, numbers and detail",
}


def show_career(
    place: int, suggestion: Suggestion, career: Career, near: tuple[str, ...] = ()
) -> None:
    """The card of the career in `place` (1 is best), with the careers that are `near` it. A weak
    match behind the first takes two lines until it is opened.
    """
    folded = place > 1 and suggestion.words == "weak match"
    title = f"{place}\\. {escape(career.name)}"
    match = f"**{escape(suggestion.words).capitalize()}**, {percent(suggestion.confidence)}"
    with (
        st.expander("  \n".join([f"{title}: {match}", *_place(suggestion)]))
        if folded
        else st.container(border=True)
    ):
        if not folded:
            st.subheader(title, anchor=False)
            for line in _place(suggestion):
                st.markdown(line)
        st.progress(suggestion.confidence, text=match)
        if near:
            st.markdown(f"Close to it: {badges(near, 'gray')}")
        _show_work(suggestion, career)
        _show_reasons(suggestion)
        _show_folds(career, suggestion.pay)


def show_idea(suggestion: Suggestion, career: Career) -> None:
    """An idea of an unsure answer: a few lines until it is opened, and no number, since that was
    measured on texts that can be answered.
    """
    about = f": {escape(suggestion.about)}" if suggestion.about else ""
    with st.expander("  \n".join([f"**{escape(career.name)}**{about}", *_place(suggestion)])):
        _show_work(suggestion, career)
        _show_folds(career, suggestion.pay)


def _place(suggestion: Suggestion) -> list[str]:
    """Family and preparation in small print, if one is known."""
    place = catalogue.place(suggestion.family, suggestion.job_zone)
    # No-break spaces: "4 of 5" stays on one line.
    told = escape(place).replace(" of 5", "\u00a0of\u00a05")
    return [f":small[{told}]"] if place else []


def _show_work(suggestion: Suggestion, career: Career) -> None:
    if career.description:
        st.text(clean(career.description))
    if suggestion.skills_held:
        st.markdown(f"**Skills you already named**  \n{badges(suggestion.skills_held, 'green')}")
    if suggestion.skills_missing:
        st.markdown(f"**Skills to learn**  \n{badges(suggestion.skills_missing, 'gray')}")
    if suggestion.entry_route:
        st.markdown(f"**How to get in:** {escape(suggestion.entry_route)}")


def _show_folds(career: Career, pay: Pay | None) -> None:
    if career.facts is not None or pay is not None:
        with st.expander("Pay, jobs and interests"):
            show_facts(career.name, career.facts or Facts(), pay)
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
    against = [
        f"“{escape(phrase)}”" + (f": {escape(other)}" if other else "")
        for phrase, other in zip(
            suggestion.against or (), suggestion.against_for or (), strict=True
        )
    ]
    for title, found in (
        ("Your words that point to it", [f"“{escape(phrase)}”" for phrase in suggestion.because]),
        ("Your words that point elsewhere", against),
    ):
        if found:
            st.markdown("  \n".join([f"**{title}**", *found]))
    if not suggestion.because and not suggestion.against:
        st.markdown("**Your words:** no single part of your text decided this.")
    if suggestion.nearest:
        st.markdown(
            "**What is said about it that comes nearest to your text:**"
            f" {escape(suggestion.nearest)}"
        )


def show_facts(name: str, facts: Facts, pay: Pay | None) -> None:
    """Pay and official figures with their sources; what is not known is left out."""
    if facts.title and label_key(facts.title).rstrip("s") != label_key(name).rstrip("s"):
        st.markdown(f"Nearest official occupation: {escape(facts.title)}")
    lines = pay_lines(pay)
    if facts.employment is not None:
        lines.append(f"**People employed in the USA:** {facts.employment:,}")
    if lines and facts.pay_title and facts.pay_title != facts.title:
        whose = (
            "Pay and number of people are those of"
            if pay is None or pay.count is None
            else "The number of people is that of"
        )
        lines.append(f"{whose}: {escape(facts.pay_title)}")
    ranked = sorted(facts.interests.items(), key=lambda item: -item[1])[:3]
    suited = [
        f"{_INTERESTS.get(kind, escape(kind))} ({score:.1f} of 7)"
        for i, (kind, score) in enumerate(ranked)
        if i == 0 or score >= 4
    ]
    if suited:
        lines.append(f"**Interests it suits:** {', '.join(suited)}")
    st.markdown("\n".join(f"- {line}" for line in lines))
    own = (
        [] if pay is None or pay.source == facts.pay_source else [f"Pay: {pay.source}, {pay.date}."]
    )
    for source in (*own, facts.pay_source, facts.interests_source):
        if source:
            st.markdown(f":small[{escape(source)}]")


def pay_lines(pay: Pay | None) -> list[str]:
    """Median and 10-90 % range of a year. In a top-coded row the highest figure released is a lower
    bound: "at least".
    """
    if pay is None:
        return []
    highest = max(figure for figure in (pay.low, pay.middle, pay.high) if figure is not None)

    def money(figure: int) -> str:
        sign = "\\$" if pay.currency == "USD" else f"{escape(pay.currency)}\u00a0"
        return f"{'at least ' if pay.top_coded and figure == highest else ''}{sign}{figure:,}"

    where = "in the USA" if pay.count is None else f"in {pay.count} job descriptions"
    lines = [
        f"**Pay {where}:** {money(pay.middle)} a year in the middle (half earn more, half earn"
        " less)"
    ]
    if pay.low is not None and pay.high is not None:
        lines.append(
            f"Eight in ten earn between {money(pay.low)} and {money(pay.high)} a year"
            " (10\u201390\u00a0% range)"
        )
    return lines
