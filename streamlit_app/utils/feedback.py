"""Does a career fit? What visitors say of it, where the owner wants to know; what is kept of that,
and how they take it back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from utils import chips, page
from utils.model_loader import bundle_path
from utils.visitor import visitor
from utils.words import plain, say
from vocation import Recommendation, Recommender, VocationError
from vocation.feedback.store import VERDICTS, Kept, Store, Thumb, store_of
from vocation.records import Suggestion
from vocation.site import Feedback
from vocation.text.titles import listed_title

_MOST = 100  # verdicts of a session
_BUNDLE = 12  # characters that tell the bundles of one page apart, as in the logs of `serve`


@dataclass(frozen=True)
class Asking:
    """What is needed to ask whether the careers of an answer fit. `given` are the rows that this
    visitor has sent, by their token.
    """

    store: Store
    settings: Feedback
    bundle: str
    decision: str
    code: str
    given: Mapping[str, Kept]

    def key(self, career: str) -> str:
        """The key of a career of this answer in `Visitor.sent`."""
        return f"{self.code} {career}"

    def tokens(self) -> list[str]:
        """The tokens of what was said of this answer."""
        sent = visitor().sent.items()
        return [token for key, token in sent if key.startswith(f"{self.code} ")]

    def agreed(self) -> bool:
        """Whether the text of this answer is kept."""
        return any(self.given[token].text for token in self.tokens() if token in self.given)


@st.cache_resource(show_spinner=False, max_entries=4)
def _store(path: str, keep_days: int) -> Store:
    """One for all sessions, so that it looks once a day for what is too old."""
    return Store(path, keep_days)


def store(settings: Feedback) -> Store:
    """The store of the page's bundle."""
    return _store(str(store_of(bundle_path())), settings.keep_days)


def asking(recommender: Recommender, answer: Recommendation) -> Asking | None:
    """What is needed to ask about an answer; None where the owner does not collect, and for texts
    that need a person: nothing of those is kept, whatever is answered.
    """
    settings, person = page.site_or_none().feedback, visitor()
    if not settings.collect or answer.decision == "help" or person.all_the_same:
        return None
    kept = store(settings)
    try:
        kept.tidy()
        if answer.reason_code == "outside":
            _count(kept, str(answer.details["outside"]))
        given = kept.given(person.sent.values())
    except VocationError as error:
        _log(error)
        return None
    code = chips.answer_code(recommender, person)
    return Asking(kept, settings, recommender.fingerprint[:_BUNDLE], answer.decision, code, given)


def _count(kept: Store, title: str) -> None:
    """Count an occupation that the list lacks, once a session."""
    person, key = visitor(), listed_title(title)
    if key and key not in person.counted and kept.count_missing(title):
        person.counted.append(key)


def show_thumbs(asking: Asking | None, suggestion: Suggestion) -> None:
    """Fits, or does not fit: a tap keeps it, a second one on the same takes it back."""
    if asking is None:
        return
    row = asking.given.get(visitor().sent.get(asking.key(suggestion.career), ""))
    # Another number after all was deleted: the browser keeps what a key had chosen.
    key = f"thumb {_number()} {asking.key(suggestion.career)}"
    st.segmented_control(
        say("feedback.fits_you", career=suggestion.career),
        VERDICTS,
        default=row.verdict if row else None,
        format_func={
            one: plain(f"feedback.{one.replace(' ', '_')}") for one in VERDICTS
        }.__getitem__,
        key=key,
        on_change=_try,
        args=(_say, asking, suggestion, key),
    )


def _number() -> int:
    """How often this visitor has deleted what they sent."""
    return int(st.session_state.get("feedback_number", 0))


def _consent(asking: Asking) -> str:
    return f"consent {_number()} {asking.code}"


def _try(do: Callable[..., None], *arguments: object) -> None:
    """Carry out a change of the store; a visitor reads that it failed, the log why."""
    try:
        do(*arguments)
    except VocationError as error:
        _log(error)
        st.session_state.feedback_failed = True


def _log(error: VocationError) -> None:
    logging.getLogger("vocation").error("%s", error)  # it names the file, never what was written


def _say(asking: Asking, suggestion: Suggestion, key: str) -> None:
    person, place = visitor(), asking.key(suggestion.career)
    verdict, token = st.session_state[key], person.sent.get(place, "")
    if verdict is None:
        asking.store.take_back([token])
        person.sent.pop(place, None)
    elif token or len(person.sent) < _MOST:
        thumb = Thumb(
            asking.bundle, asking.decision, suggestion.career, suggestion.confidence, verdict
        )
        if token := asking.store.put(thumb, token):
            person.sent[place] = token
            if asking.settings.asks_for_texts and st.session_state.get(_consent(asking)):
                asking.store.attach([token], _text(), asking.code)


def _text() -> str:
    """What the visitor wrote, their answers to questions with it."""
    person = visitor()
    return "\n".join([person.text, *person.answers])


def show_kept(asking: Asking | None) -> None:
    """What is kept and for how long, the box to agree to more, and the way to take it back."""
    if st.session_state.pop("feedback_failed", False):
        st.warning(say("feedback.failed"))
    if asking is None:
        return
    days = asking.settings.keep_days
    told = say("feedback.kept", days=days)
    if asking.settings.asks_for_texts:
        st.checkbox(
            say("feedback.text"),
            value=asking.agreed(),
            key=_consent(asking),
            on_change=_try,
            args=(_agree, asking),
        )
        st.markdown(f":small[{say('feedback.text_what', days=days)}]")
        st.markdown(f":small[{told}]")
    else:
        st.markdown(f":small[{told} {say('feedback.not_text')}]")
    if visitor().sent:
        st.button(
            plain("feedback.delete"),
            key="delete feedback",
            type="tertiary",
            on_click=_try,
            args=(_delete, asking),
        )
    if (count := st.session_state.pop("feedback_deleted", None)) is not None:
        st.success(say("feedback.deleted", count=count))


def _agree(asking: Asking) -> None:
    agreed = st.session_state[_consent(asking)]
    text, code = (_text(), asking.code) if agreed else ("", "")
    asking.store.attach(asking.tokens(), text, code)


def _delete(asking: Asking) -> None:
    person = visitor()
    st.session_state.feedback_deleted = asking.store.take_back(person.sent.values())
    person.sent = {}
    st.session_state.feedback_number = _number() + 1
