"""The page: somebody writes a few sentences and gets careers with reasons, skills, books and pay.
It holds no logic: vocation answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from utils import site, talk_back, turns
from utils.about import show_about
from utils.career_card import show_career, show_idea
from utils.model_loader import bundle_path, load_model, stamp
from utils.safe_text import badges, escape

from vocation import Recommendation, Recommender, VocationError, catalogue

# Characters that are read at most: more than any CV, and little enough that nobody can keep the
# page busy.
LONGEST = 50_000

# Explaining reads the text once more for every phrase in it: beyond this many characters that takes
# too long.
LONGEST_EXPLAINED = 5_000

# Shown where the bundle answers them; else texts of its own careers.
EXAMPLES = (
    "I love programming and building web applications with Python and JavaScript",
    (
        "I take engines apart with my uncle at weekends and can hear what is wrong with a car. I"
        " cannot sit still all day."
    ),
    (
        "Friends come to me when they are sad. I volunteer at a youth club and would like to help"
        " families for a living."
    ),
    "I draw all day: posters, logos, covers for my friends' songs.",
)


def main() -> None:
    """The whole page."""
    st.set_page_config(page_title="Career Matching", layout="centered")
    st.title("Find careers that fit you", anchor=False)
    try:
        path = bundle_path()
        recommender = _recommender(str(path.resolve()), stamp(path))
    except VocationError as error:
        _show_no_model(error)
        return
    try:
        contacts = site.contacts(path)
    except VocationError as error:
        # Said to whoever sets the page up; a visitor still gets an answer.
        st.error(escape(str(error)))
        contacts = ()
    matching, about = st.tabs(["Career Matching", "About this model"])
    with matching:
        text = _ask(recommender)
        answer = None if text is None else _answer(recommender, text, contacts)
        if answer is None or not (answer.careers or answer.decision == "help"):
            _show_examples(_examples(str(path.resolve()), stamp(path)))
    with about:
        show_about(recommender)


@st.cache_resource(show_spinner="Loading the model …", max_entries=1)
def _recommender(path: str, written: int) -> Recommender:
    """One model for everybody, loaded again when the bundle at `path` was `written` anew. Nobody's
    text is ever cached.
    """
    return load_model(Path(path))


@st.cache_resource(show_spinner=False, max_entries=1)
def _examples(path: str, written: int) -> list[str]:
    """Texts that the bundle at `path` answers, in its language and about its careers."""
    recommender = _recommender(path, written)
    answers = zip(EXAMPLES, recommender.recommend(EXAMPLES), strict=True)
    found = [text for text, answer in answers if answer.decision == "match"]
    own = recommender.metadata.get("sample_predictions") or ()
    return found or [one["text"] for one in own if one.get("decision") == "match"]


def _show_no_model(error: VocationError) -> None:
    st.error(escape(str(error)))
    st.markdown(
        "**If you came to find a career:** this page is not ready yet. Please tell the person who"
        " runs it.\n\n**If you run it:** put every file of `trained_models.zip` into"
        " `streamlit_app/models`, or name another folder in the environment variable"
        " `VOCATION_BUNDLE`. Then reload this page."
    )


def _ask(recommender: Recommender) -> str | None:
    """The form. Returns what to answer, None as long as nobody has asked."""
    # Examples in English would be misleading where it does not read English.
    languages = recommender.metadata.get("languages")
    english = not languages or "English" in languages
    with st.form("person", border=False):
        st.text_area(
            "What do you like to do, and what are you good at?",
            key="words",
            height=110,
            placeholder=(
                "For example: I like repairing bikes, I am patient with people, and maths was my"
                " favourite subject."
            )
            if english
            else None,
        )
        st.text_input(
            "Skills you already have (optional)",
            key="skills",
            placeholder="Python, first aid, drawing" if english else None,
        )
        if st.form_submit_button("Get Career Recommendations", type="primary", width="stretch"):
            _remember()
    asked: str | None = st.session_state.get("asked")
    return asked


def _show_examples(examples: Sequence[str]) -> None:
    st.markdown(":small[Two or three sentences are enough. Nothing you write is saved.]")
    if not examples:
        return
    with st.expander("Not sure what to write? Try an example"):
        for number, example in enumerate(examples):
            st.button(
                example, key=f"example {number}", width="stretch", on_click=_use, args=(example,)
            )


def _use(example: str) -> None:
    st.session_state.words, st.session_state.skills = example, ""
    _remember()


def _remember() -> None:
    """Keep the text for this browser session, so that it can be explained after it was answered."""
    words, skills = st.session_state.words.strip(), st.session_state.skills.strip(" ,")
    if skills:
        words = (
            f"{words}{'' if words.endswith(('.', '!', '?', ';')) or not words else '.'} Skills:"
            f" {skills}"
        )
    st.session_state.asked = words
    talk_back.forget()


def _answer(
    recommender: Recommender, text: str, contacts: tuple[str, ...]
) -> Recommendation | None:
    care = st.session_state.get("all_the_same") != text
    explain = st.session_state.get("explain", False) and len(text) <= LONGEST_EXPLAINED
    try:
        with st.spinner("Reading your text …"), turns.TURNS.turn():
            answer = recommender.recommend(
                text[:LONGEST],
                explain=explain,
                care=care,
                answer=talk_back.answers(),
                stances=talk_back.stances(),
            )
    except turns.BusyError:
        st.warning("Many people are asking right now. Please press the button again in a minute.")
        return None
    if answer.decision == "help":
        _show_help(answer, contacts)
        return answer
    _show_summary(answer)
    if not answer.careers:
        talk_back.show_clauses(answer)
        return answer
    if answer.truncated or len(text) > LONGEST:
        st.warning("Your text is very long: its end was not read.")
    unsure = answer.decision == "unsure"
    st.markdown(
        ":small[A start for thinking, no more.]"
        if unsure
        else (
            ":small[The percentage says how sure the model is. On texts of people it had never"
            " read, answers were right about as often, give or take a tenth; a career that you"
            " name yourself makes it surer. It does not measure your ability, nor your chances on"
            " the job market.]"
        )
    )
    if len(text) <= LONGEST_EXPLAINED and not unsure:
        st.toggle("Explain: which of my words led here?", key="explain")
    for place, suggestion in enumerate(answer.careers, start=1):
        career = recommender.career(suggestion.career)
        if unsure:
            show_idea(suggestion, career)
        else:
            show_career(place, suggestion, career, answer.near if place == 1 else ())
    talk_back.show_clauses(answer)
    return answer


def _show_help(answer: Recommendation, contacts: tuple[str, ...]) -> None:
    reason = answer.reason or ""
    st.info(f"{escape(reason[:1].upper() + reason[1:])}.\n\n{escape(answer.question or '')}")
    if answer.reason_code == "distress" and contacts:
        st.markdown(
            "\n".join(["**Here somebody listens:**", "", *(f"- {escape(one)}" for one in contacts)])
        )
    st.button("Show me careers all the same", on_click=_all_the_same)


def _all_the_same() -> None:
    """Answer this text, and no other one, without care."""
    st.session_state.all_the_same = st.session_state.asked


def _show_summary(answer: Recommendation) -> None:
    unsure = answer.decision == "unsure"
    if unsure:
        st.info(
            "**We can't tell yet:**"
            f" {escape(answer.reason or '')}.\n\n{escape(answer.question or '')}"
        )
        talk_back.ask_back(answer)
    if answer.careers:
        st.header(
            "Possible directions" if unsure else "Careers that fit what you wrote", anchor=False
        )
    if not unsure and answer.directions:
        st.markdown(f"**{escape(answer.directions_told())}.**")
    elif not unsure and 1 < len(answer.prediction_set) <= catalogue.MOST_UNGROUPED:
        st.markdown(f"Look at these first: {badges(answer.prediction_set, 'gray')}")
    if families := catalogue.likely(answer) or catalogue.shared(answer):
        st.markdown(f":small[{escape(families)}]")


main()
