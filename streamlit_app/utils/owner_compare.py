"""The candidate beside the model in use: what is known of both, publish, and go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas
import streamlit as st

from utils import owner
from utils.safe_text import escape
from utils.words import percent_of, plain, say
from vocation import VocationError
from vocation.bundle import writer
from vocation.owner import live, own_tests

_NAMED = 8  # careers in one sentence


def show_candidate() -> None:
    """A candidate that waits, compared with the bundle in use when the owner asks for it."""
    folder = owner.bundle()
    candidate = writer.candidate_of(folder)
    if not writer.has_bundle(candidate):
        return
    st.header(plain("owner_train.candidate"), anchor=False)
    st.markdown(say("owner_train.candidate_what"))
    made = (candidate / "manifest.json").stat().st_mtime_ns
    if st.button(plain("owner_train.compare"), key="compare"):
        with st.spinner(plain("owner_train.comparing")):
            try:
                tests = own_tests.read(owner.data())
                st.session_state.owner_compared = made, own_tests.compare(folder, tests)
            except VocationError as error:
                owner.trouble(error)
    kept = st.session_state.get("owner_compared")
    if kept is not None and kept[0] == made:
        _show_compared(kept[1])
    st.button(
        plain("owner_train.publish"), on_click=_exchange, args=(live.publish, "published"),
        type="primary", key="publish",
    )  # fmt: skip


def show_tests() -> None:
    """The owner's own texts, kept apart from all training."""
    st.header(plain("owner_train.tests"), anchor=False)
    st.markdown(say("owner_train.tests_what"))
    try:
        kept = own_tests.read(owner.data())
    except VocationError as error:
        owner.trouble(error)
        return
    # A career that only the next model will know can be typed into the file alone.
    careers = sorted({*owner.careers(), *(career for _, career in kept)})
    edited = st.data_editor(
        # Without the type, a table without rows is one of numbers.
        pandas.DataFrame(kept, columns=["text", "career"], dtype="string"),
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "text": st.column_config.TextColumn(
                plain("owner_train.test_text"), max_chars=own_tests.LONGEST, width="medium"
            ),
            "career": st.column_config.SelectboxColumn(
                plain("owner_train.test_career"), options=careers
            ),
        },
        key="own tests",
    )
    if st.button(plain("owner_train.save_tests"), key="save tests"):
        rows = edited.fillna("").itertuples(index=False, name=None)
        try:
            own_tests.write(owner.data(), rows)
            saved = len(own_tests.read(owner.data()))
        except (VocationError, OSError) as error:
            owner.trouble(error)
        else:
            st.success(say("owner_train.tests_saved", count=saved))


def show_go_back() -> None:
    """The bundle before the one in use, one press away."""
    if writer.has_bundle(writer.previous_of(owner.bundle())):
        st.header(plain("owner_train.before"), anchor=False)
        st.markdown(say("owner_train.before_what"))
        st.button(
            plain("owner_train.go_back"), on_click=_exchange, args=(live.go_back, "gone_back"),
            key="go back",
        )  # fmt: skip


def _exchange(move: Callable[[Any], live.Exchanged], said: str) -> None:
    try:
        done = move(owner.bundle())
    except VocationError as error:
        st.session_state.owner_wrong = str(error)
        return
    st.session_state.pop("recommender", None)  # the owner's own session sees the new one at once
    st.session_state.owner_said = say(
        f"owner_train.{said}",
        date=str(done.now.get("trained", ""))[:16].replace("T", " "),
        careers=len(done.now.get("classes", ())),
    )


def _show_compared(found: own_tests.Compared) -> None:
    st.markdown(f"**{say(f'owner_train.verdict_{found.verdict}')}**")
    for names, key in ((found.lost, "lost"), (found.added, "added")):
        if names:
            more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
            st.markdown(
                say(f"owner_train.{key}", count=len(names), names=", ".join(names[:_NAMED]) + more)
            )
    if found.held_out is not None:
        st.markdown(f"{say('owner_train.held_out')} {_told(found.held_out)}")
    if found.own is None:
        st.markdown(say("owner_train.no_tests"))
        return
    st.markdown(f"{say('owner_train.own')} {_told(found.own)}")
    st.dataframe(
        [
            {
                plain("owner_train.test_text"): one.text,
                plain("owner_train.test_career"): one.career,
                plain("owner_train.in_use"): _mark(one.before, one.right[0], one.learnt),
                plain("owner_train.candidate"): _mark(one.now, one.right[1], one.learnt),
            }
            for one in found.tests
        ],
        hide_index=True,
    )
    if any(one.learnt for one in found.tests):
        st.markdown(f":small[{say('owner_train.learnt')}]")


def _mark(answer: str, right: bool, learnt: bool) -> str:
    return f"{'–' if learnt else '✓' if right else '✕'} {answer}"


def _told(found: Mapping[str, Any]) -> str:
    """The result on some rows in words: both figures with their intervals, or why none."""
    if "why" in found:
        return say("owner_train.why", why=escape(str(found["why"])))
    figures = {
        f"{name}_{part}": percent_of(found[key][part])
        for name, key in (("before", "before"), ("now", "accuracy"))
        for part in ("value", "low", "high")
    }
    return say("owner_train.told", count=int(found["rows"]), **figures)
