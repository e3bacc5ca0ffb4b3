"""Train: from the data in the folder to a candidate, compared with the model in use, published."""

from __future__ import annotations

import streamlit as st
from utils import owner
from utils.owner_compare import show_candidate, show_go_back, show_tests
from utils.owner_report import show_careers, show_level
from utils.safe_text import escape
from utils.words import plain, say

from vocation import VocationError
from vocation.config import PRESETS
from vocation.owner import tables, training_run

_LOOK = "2s"  # between two looks at a training that runs
_CURVES = {"train_accuracy": "curve_train", "validation_accuracy": "curve_validation"}


def main() -> None:
    """What there is to learn, the training, and what it made."""
    st.title(plain("owner_train.title"), anchor=False)
    if said := st.session_state.pop("owner_said", ""):
        st.success(said)
    if wrong := st.session_state.pop("owner_wrong", ""):
        st.error(escape(wrong))
    running = training_run.look(owner.bundle()).state == "running"
    if running:
        _show_running()
    else:
        try:
            _show_start()
        except OSError as error:  # a folder that may not be read
            owner.trouble(error)
        _show_run(training_run.look(owner.bundle()))
    show_candidate()
    show_tests()
    show_go_back()


def _show_start() -> None:
    folder = owner.data()
    if lacking := training_run.missing():
        st.info(say("owner_train.missing"))
        st.code(lacking, language=None)
        return
    if not tables.has_files(folder):
        st.info(say("owner_train.no_data", folder=str(folder)))
        return
    together = st.toggle(plain("owner_train.defaults"), key="owner defaults")
    st.markdown(f":small[{say('owner_train.defaults_what')}]")
    found = _checked(together)
    if found.data is None:
        for problem in found.problems:
            st.error(escape(problem))
        return
    st.markdown(
        say("owner_train.have", rows=found.data.report.used, careers=found.data.report.roles)
    )
    show_level(found)
    show_careers(found)
    preset = st.segmented_control(
        plain("owner_train.preset"),
        PRESETS,
        default="auto",
        required=True,
        format_func=lambda one: plain(f"owner_train.preset_{one}"),
        key="owner preset",
    )
    st.button(plain("owner_train.start"), type="primary", on_click=_start, args=(preset, together))


def _checked(together: bool) -> tables.Checked:
    """The report of the folder, read again where a file has changed."""
    now = (tables.stamp(owner.data()), together)
    kept = st.session_state.get("owner_stats")
    if kept is None or kept[0] != now:
        with st.spinner(plain("owner_data.reading")):
            kept = now, tables.check(owner.data(), {}, together)
        st.session_state.owner_stats = kept
    found: tables.Checked = kept[1]
    return found


def _start(preset: str, together: bool) -> None:
    try:
        config = owner.settings().config
        training_run.start(owner.bundle(), owner.data(), preset, together, config)
    except (VocationError, OSError) as error:
        st.session_state.owner_wrong = str(error)


def _show_running() -> None:
    @st.fragment(run_every=_LOOK)
    def live() -> None:
        run = training_run.look(owner.bundle())
        if run.state != "running":
            st.rerun()
        _show_run(run)

    st.button(plain("owner_train.stop"), on_click=training_run.stop, args=(owner.bundle(),))
    live()


def _show_run(run: training_run.Run) -> None:
    if run.state == "none":
        return
    st.subheader(plain(f"owner_train.state_{run.state}"), anchor=False)
    if run.step:
        what, done, total = run.step
        st.progress(min(1.0, done / max(1, total)), text=f"{escape(what)} {done}/{total}")
    if run.epochs:
        st.line_chart(
            {
                plain(f"owner_train.{label}"): [one.get(name) for one in run.epochs]
                for name, label in _CURVES.items()
            },
            x_label=plain("owner_train.epoch"),
        )
    if run.error:
        st.error(escape(run.error))
    with st.expander(plain("owner_train.log")):
        st.code("\n".join(run.lines), language=None, wrap_lines=True)


if __name__ == "__main__":
    main()
