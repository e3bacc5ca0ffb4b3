"""Career Matching: the box, the answer, and how a visitor talks back to it."""

from __future__ import annotations

import streamlit as st
from utils import chips, feedback, page, turns
from utils.career_card import pay_short, show_career, show_idea
from utils.safe_text import badges, escape
from utils.visitor import LONGEST, visitor
from utils.words import code, language, language_name, listed, plain, say

from vocation import Recommendation, Recommender, VocationError, catalogue
from vocation.records import Career
from vocation.serving.documents import KINDS, LARGEST, read_document


def main() -> None:
    """The whole page."""
    site, recommender, person = page.site_or_none(), page.recommender(), visitor()
    st.title(escape(site.title or plain("match.title")), anchor=False)
    _ask(recommender)
    if not person.text and not st.session_state.get("asked_nothing"):
        _show_examples(recommender, site.examples)
        return
    asked = recommender.explorer.asked_about(person.text)
    if asked and not person.answers:
        with st.container(key="answer"):
            _show_asked(recommender, *asked)
        if asked[0] != "title":
            return
    answer = _answer(recommender)
    if answer is None:
        return
    if asked and answer.decision == "unsure":  # the page of the career says more
        return
    person.find(skill for one in answer.careers for skill in one.skills_held)
    with st.container(key="careers" if asked else "answer"):
        _show(recommender, answer)


def _ask(recommender: Recommender) -> None:
    """The box, the skills and the button."""
    st.session_state.setdefault("words", visitor().text)
    languages = recommender.languages  # () where it could not tell that of its data
    reads_it = code(languages) in ("", language())
    st.text_area(
        say("match.box", language=listed(map(language_name, languages)))
        if languages
        else say("match.box_any"),
        key="words",
        height=92,
        # In another language than the model reads it would mislead.
        placeholder=plain("match.placeholder") if reads_it else None,
        persist_state="session",
    )
    with st.expander(plain("match.more")):
        st.text_input(
            plain("match.skills"),
            key="skills",
            placeholder=plain("match.skills_placeholder") if reads_it else None,
            persist_state="session",
        )
        _upload()
    st.button(plain("match.button"), type="primary", width="stretch", on_click=_remember)
    if visitor().text and visitor().text != _typed():
        st.markdown(f":orange[{say('match.changed', button=plain('match.button'))}]")


def _upload() -> None:
    """A resume as a file: its text comes into the box, where it can be read and changed."""
    st.file_uploader(
        plain("match.resume_file"),
        type=list(KINDS),
        max_upload_size=LARGEST // 2**20,
        key="resume",
        on_change=_take_resume,
    )
    st.markdown(f":small[{say('match.resume_privacy')}]")
    if problem := st.session_state.get("resume_problem"):
        st.error(say(f"match.resume_{problem}"))


def _take_resume() -> None:
    """Put the text of the file into the box; the file itself is not kept."""
    file = st.session_state.resume
    st.session_state.resume_problem = ""
    if file is None:
        return
    try:
        with turns.TURNS.turn():
            text = read_document(file.getvalue())
    except turns.BusyError:
        st.session_state.resume_problem = "busy"
    except VocationError:
        st.session_state.resume_problem = "unreadable"
    else:
        st.session_state.words = text[:LONGEST].strip()


def _typed() -> str:
    """What stands in the box and the line of skills, as one text."""
    words = st.session_state.get("words", "").strip()
    skills = st.session_state.get("skills", "").strip(" ,")
    if not skills:
        return words
    # "Skills:" is for the model, whatever the language of the page.
    end = "" if words.endswith((".", "!", "?", ";")) or not words else "."
    return f"{words}{end} Skills: {skills}".strip()


def _remember() -> None:
    visitor().ask(_typed())
    st.session_state.asked_nothing = not _typed()


def _show_examples(recommender: Recommender, own: tuple[str, ...]) -> None:
    st.markdown(f":small[{say('match.enough')}]")
    examples = own or page.examples(recommender)
    if not examples:
        return
    with st.expander(plain("match.examples")):
        for number, example in enumerate(examples):
            st.button(
                escape(example),
                key=f"example {number}",
                width="stretch",
                on_click=_use,
                args=(example,),
            )


def _use(example: str) -> None:
    st.session_state.words, st.session_state.skills = example, ""
    _remember()


def _answer(recommender: Recommender) -> Recommendation | None:
    """The answer to what was asked, with all that the visitor said of it since."""
    person = visitor()
    try:
        with st.spinner(plain("match.reading")), turns.TURNS.turn():
            return chips.answer(recommender, person)
    except turns.BusyError:
        st.warning(say("match.busy"))
        return None


def _show_asked(recommender: Recommender, what: str, career: Career) -> None:
    """A question about a career leads to its page, with the figure where pay is asked for."""
    st.session_state.said = plain("match.brief_asked", career=career.name)
    lines = [say("match.asked", career=career.name)]
    pay = recommender.official_pay(career.name)
    if pay is not None:
        lines.append(pay_short(pay))
    elif what == "pay":
        lines.append(say("match.no_pay"))
    st.info("\n\n".join(lines))
    page.link(career.name, plain("card.more"))


def _show(recommender: Recommender, answer: Recommendation) -> None:
    """The answer: what it is, the sentences as controls, the careers."""
    st.session_state.said = _in_brief(answer)
    if answer.decision == "help":
        _show_help(answer)
        return
    unsure = answer.decision == "unsure"
    if unsure:
        st.info(f"**{say('match.unsure')}** {_reason(answer)}\n\n{_question(answer)}")
        chips.ask_back(answer)
    if answer.truncated or len(visitor().text) > LONGEST:
        st.warning(say("match.cut"))
    if answer.careers:
        st.header(plain("match.ideas" if unsure else "match.careers"), anchor=False)
        _show_directions(answer)
    asking = feedback.asking(recommender, answer)
    # A phone shows an unsure answer whole.
    with st.container(gap="xsmall" if unsure else "small"):
        chips.show_clauses(answer)
        for place, suggestion in enumerate(answer.careers, start=1):
            career = recommender.career(suggestion.career)
            if unsure:
                show_idea(suggestion, career, asking)
            else:
                near = answer.near if place == 1 else ()
                show_career(place, suggestion, career, near, asking)
    if not unsure:
        st.markdown(f":small[{say('match.percentage')}]")
    chips.show_left_out()
    feedback.show_kept(asking)
    if not unsure:
        _show_twin(recommender)


def _show_twin(recommender: Recommender) -> None:
    """Would somebody else who writes this get the same answer?"""
    key = f"twin {visitor().number}"
    st.button(plain("twin.button"), key=key, type="tertiary", icon=":material/balance:")
    if not st.session_state.get(key):
        return
    found = chips.twin(recommender, visitor())
    if found.same:
        st.success(say("twin.same"))
    elif found.moved:
        st.warning(say("twin.moved", part=found.moved, other=found.other))
    else:
        st.warning(say("twin.words", other=found.other))


def _in_brief(answer: Recommendation) -> str:
    """The answer in a sentence, for a screen reader."""
    if answer.decision == "help":
        return plain("match.brief_help")
    if answer.decision == "unsure":
        return plain("match.brief_unsure")
    return plain("match.brief", count=len(answer.careers), career=answer.careers[0].career)


def _reason(answer: Recommendation) -> str:
    """Why the answer is unsure, in the visitor's language."""
    return _told("reason", answer)


def _question(answer: Recommendation) -> str:
    return _told("question", answer)


def _told(part: str, answer: Recommendation) -> str:
    details = dict(answer.details)
    if answer.reason_code == "language":
        known = map(language_name, page.recommender().languages)
        details = {"language": language_name(details["language"]), "known": listed(known)}
    return say(f"{part}.{(answer.reason_code or 'far').replace(' ', '_')}", **details)


def _show_directions(answer: Recommendation) -> None:
    unsure = answer.decision == "unsure"
    if answer.directions:
        key = "match.few" if unsure else "match.two"
        st.markdown(f"**{say(key, careers=listed(answer.directions))}**")
    elif not unsure and 1 < len(answer.prediction_set) <= catalogue.MOST_UNGROUPED:
        st.markdown(f"{say('match.first')} {badges(answer.prediction_set, 'gray')}")


def _show_help(answer: Recommendation) -> None:
    code = answer.reason_code or ""
    st.info(f"{say(f'reason.{code}')}\n\n{say(f'question.{code}')}")
    contacts = page.site_or_none().contacts
    if code == "distress" and contacts:
        st.markdown(
            "\n".join(
                [f"**{say('match.contacts')}**", "", *(f"- {escape(one)}" for one in contacts)]
            )
        )
    st.button(plain("match.all_the_same"), on_click=_all_the_same)


def _all_the_same() -> None:
    """Answer this text, and no other one, without care."""
    visitor().all_the_same = True


main()
