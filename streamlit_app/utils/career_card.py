"""One recommended career on the page: how well it fits, its skills, and behind folds its pay, books
and questions. The same parts make a career's own page.
"""

from __future__ import annotations

import re

import streamlit as st

from utils import chips, feedback, page
from utils.safe_text import badges, escape
from utils.visitor import MOST_COMPARED, visitor
from utils.words import Markdown, dated, family_name, number, percent_of, plain, say
from vocation.records import Career, Facts, Pay, Suggestion
from vocation.text.clean import clean, label_key

# A question about a first small step to find out whether the work suits, by when it can be done or
# by what one does; Spanish ones too. Single words would not do: "Do I taste and cook?"
_TRY = re.compile(
    r"\b(?:this (?:very )?(?:week|month|year|sunday|evening)|weekend|tonight|tomorrow|"
    r"(?:next|coming|few|seven|free|single) (?:day|week|evening|morning|afternoon)s?|"
    r"(?:within|in) (?:an?|one|the) (?:day|week|afternoon|evening)s?|within days|"
    r"(?:by|before|on) (?:next )?(?:friday|saturday|sunday|monday|week)|before the (?:week|month)|"
    r"first project|(?:build|make) first|before I|"
    r"try|tried|trying|trial|a go|test(?:ing)? (?:my(?:self)?|it|at|this|the idea|whether|I could)|"
    r"a (?:small |little )?taste|taste (?:it|this)|flavour|nibble|sample (?:it|this)|sniff at|"
    r"attempt|tinker|experiment|exercises?|practis(?:e|ing)|practice at|puzzle|discover|"
    r"feel(?:ing)? (?:for|of)|find(?:ing)? out\b(?! what)|"
    r"esta semana|este mes|fin de semana|mañana|probar|en casa|primer paso)\b",
    re.IGNORECASE,
)


def show_career(
    place: int,
    suggestion: Suggestion,
    career: Career,
    near: tuple[str, ...] = (),
    asking: feedback.Asking | None = None,
) -> None:
    """The card of the career in `place` (1 is best), with the careers that are `near` it. A weak
    match behind the first takes two lines until it is opened. With `asking` one can say whether it
    fits.
    """
    folded = place > 1 and suggestion.words == "weak match"
    title = f"{place}\\. {escape(career.name)}"
    match = f"**{say(f'words.{suggestion.words}')}**, {percent_of(suggestion.confidence)}"
    with (
        st.expander("  \n".join([f"{title}: {match}", *_place(suggestion)]))
        if folded
        else st.container(border=True)
    ):
        if not folded:
            with page.own_words(f"name {career.name}"):
                st.subheader(title, anchor=False)
            for line in _place(suggestion):
                st.markdown(line)
        st.progress(suggestion.confidence, text=match)
        if place == 1 and (told := chips.receipt(page.recommender(), suggestion.confidence)):
            st.markdown(f":small[{escape(told)}]")
        if near:
            st.markdown(f"{say('card.close')} {badges(near, 'gray')}")
        _show_reasons(suggestion)
        if place == 1 or folded:
            _show_work(suggestion, career)
            _show_nearest(suggestion, career)
            _show_folds(career, suggestion.pay)
        else:  # a phone has room for one in full
            if suggestion.about:
                _show_brief(suggestion)
            with st.expander(plain("card.more")):
                _show_work(suggestion, career)
                _show_folds(career, suggestion.pay)
        show_buttons(career.name)
        feedback.show_thumbs(asking, suggestion)


def _show_brief(suggestion: Suggestion) -> None:
    with page.own_words(f"brief {suggestion.career}"):
        st.text(clean(suggestion.about))


def show_idea(
    suggestion: Suggestion, career: Career, asking: feedback.Asking | None = None
) -> None:
    """An idea of an unsure answer: one line until it is opened, and no number, since that was
    measured on texts that can be answered.
    """
    about = f": {escape(suggestion.about)}" if suggestion.about else ""
    # The key tells the browser in which language the line is.
    with st.expander(f"**{escape(career.name)}**{about}", key=f"career-line {career.name}"):
        for line in _place(suggestion):
            st.markdown(line)
        _show_work(suggestion, career)
        _show_folds(career, suggestion.pay)
        show_buttons(career.name)
        feedback.show_thumbs(asking, suggestion)


def place(family: str, zone: int | None) -> str:
    """Family and preparation in words, as Markdown; "" where neither is known."""
    need = say(f"zone.{zone}") if zone in range(1, 6) else ""
    told = ", ".join(part for part in (escape(family_name(family)), need) if part)
    # No-break spaces: "4 of 5" stays on one line.
    return told.replace(" of 5", "\u00a0of\u00a05").replace(" de 5", "\u00a0de\u00a05")


def _place(suggestion: Suggestion) -> list[str]:
    told = place(suggestion.family, suggestion.job_zone)
    return [f":small[{told}]"] if told else []


def show_buttons(career: str) -> None:
    """What a visitor may do with a career; the list moves at once."""
    person = visitor()
    with st.container(horizontal=True, gap="small"):
        for which in ("excluded", "already"):
            st.button(
                plain("card.not_this" if which == "excluded" else "card.already"),
                key=f"{which} {career}",
                type="tertiary",
                on_click=chips.put_aside,
                args=(career, which),
            )
        st.button(
            plain("card.kept" if career in person.kept else "card.keep"),
            key=f"keep {career}",
            type="tertiary",
            on_click=person.toggle,
            args=("kept", career),
        )
        st.button(
            plain("card.compared" if career in person.compared else "card.compare"),
            key=f"compare {career}",
            type="tertiary",
            on_click=person.toggle,
            args=("compared", career, MOST_COMPARED),
        )


def _show_work(suggestion: Suggestion, career: Career) -> None:
    with page.own_words(f"work {career.name}", labelled=True):
        if career.description:
            st.text(clean(career.description))
        skills = suggestion.skills_held + suggestion.skills_missing
        if skills:
            # Those of the plan, into which the ones read in the text have come.
            held = tuple(skill for skill in skills if skill in visitor().held)
            missing = tuple(skill for skill in skills if skill not in held)
            lines = [f"**{say('card.skills')}**"]
            if held:
                lines.append(f":small[{say('card.skills_held')}] {badges(held, 'green')}")
            if missing:
                start = f":small[{say('card.skills_more')}] " if held else ""
                lines.append(start + badges(missing, "gray"))
            st.markdown("  \n".join(lines))
        if suggestion.entry_route:
            st.markdown(f"{say('card.entry')} {escape(suggestion.entry_route)}")


def _show_nearest(suggestion: Suggestion, career: Career) -> None:
    """The question of others that lies nearest to the text, where it is a question."""
    for one in career.questions:
        if suggestion.nearest is not None and clean(one.question) == clean(suggestion.nearest):
            st.markdown(f":small[{say('card.nearest')}]")
            with (
                page.own_words(f"nearest {career.name}"),
                st.expander(escape(one.question)),
            ):
                st.text(clean(one.answer))
            return


def _show_folds(career: Career, pay: Pay | None) -> None:
    if career.facts is not None or pay is not None:
        with st.expander(plain("card.facts")):
            show_facts(career.name, career.facts or Facts(), pay)
    if career.books:
        with st.expander(plain("card.books", count=len(career.books))):
            show_books(career)
    if career.questions:
        with st.expander(plain("card.questions", count=len(career.questions))):
            show_questions(career)


def show_books(career: Career) -> None:
    """What to read."""
    with page.own_words(f"books {career.name}"):
        for book in career.books:
            by = f", {escape(book.author)}" if book.author else ""
            level = f" :gray-badge[{escape(book.level)}]" if book.level else ""
            st.markdown(f"**{escape(book.title)}**{by}{level}  \n{escape(book.description)}")


def to_try(career: Career) -> str:
    """The question and answer about what to try now, as one text; "" where there is none."""
    found = (one for one in career.questions if _TRY.search(one.question))
    one = next(found, None)
    return f"{clean(one.question)} {clean(one.answer)}" if one else ""


def show_questions(career: Career) -> None:
    """What others ask about the career, each answer behind its question; first what to try now."""
    ordered = sorted(career.questions, key=lambda one: not _TRY.search(one.question))
    with page.own_words(f"questions {career.name}"):
        for question in ordered:
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
    # Above this there is nothing to weigh against.
    if suggestion.confidence > 0.95:
        against = []
    for key, found in (
        ("card.because", [f"“{escape(phrase)}”" for phrase in suggestion.because]),
        ("card.against", against),
    ):
        if found:
            st.markdown("  \n".join([f"**{say(key)}**", *found]))
    if not suggestion.because and not suggestion.against:
        st.markdown(f":small[{say('card.whole')}]")


def show_facts(name: str, facts: Facts, pay: Pay | None) -> None:
    """Pay and official figures with their sources; what is not known is left out."""
    if facts.title and label_key(facts.title).rstrip("s") != label_key(name).rstrip("s"):
        st.markdown(say("facts.official", title=facts.title))
    lines: list[str] = list(pay_lines(pay))
    if facts.employment is not None:
        lines.append(say("facts.employed", people=facts.employment))
    if lines and facts.pay_title and facts.pay_title != facts.title:
        official = pay is None or pay.count is None
        lines.append(say("facts.pay_of" if official else "facts.people_of", title=facts.pay_title))
    if interests := suited(facts):
        lines.append(say("facts.suits", interests=interests))
    st.markdown("\n".join(f"- {line}" for line in lines))
    own = pay is not None and pay.source != facts.pay_source
    if own and pay is not None:
        st.markdown(f":small[{say('facts.source', source=pay.source, date=dated(pay.date))}]")
    sources = [source for source in (facts.pay_source, facts.interests_source) if source]
    if sources:
        with page.own_words(f"sources {name}"):
            for source in sources:
                st.markdown(f":small[{escape(source)}]")


_INTERESTS = (
    "realistic",
    "investigative",
    "artistic",
    "social",
    "enterprising",
    "conventional",
)


def suited(facts: Facts) -> str:
    """The interests that a career suits, in words; "" where none are known."""
    ranked = sorted(facts.interests.items(), key=lambda item: -item[1])[:3]
    kinds = [kind for i, (kind, score) in enumerate(ranked) if i == 0 or score >= 4]
    return ", ".join(plain(f"interest.{kind}") if kind in _INTERESTS else kind for kind in kinds)


def pay_short(pay: Pay) -> str:
    """Pay in one paragraph: figures, place, source and month."""
    source = say("facts.source", source=pay.source.split(",")[0], date=dated(pay.date))
    return " ".join([*pay_lines(pay), f":small[{source}]"])


def pay_lines(pay: Pay | None) -> list[Markdown]:
    """Median and 10-90 % range of a year. In a top-coded row the highest figure released is a lower
    bound: "at least".
    """
    if pay is None:
        return []
    highest = max(figure for figure in (pay.low, pay.middle, pay.high) if figure is not None)

    def money(figure: int) -> Markdown:
        sign = "\\$" if pay.currency == "USD" else f"{escape(pay.currency)}\u00a0"
        told = Markdown(f"{sign}{number(figure)}")
        bound = pay.top_coded and figure == highest
        return say("facts.at_least", money=told) if bound else told

    lines = [
        say("facts.pay_usa", middle=money(pay.middle))
        if pay.count is None
        else say("facts.pay_rows", count=pay.count, middle=money(pay.middle))
    ]
    if pay.low is not None and pay.high is not None:
        lines.append(say("facts.range", low=money(pay.low), high=money(pay.high)))
    return lines
