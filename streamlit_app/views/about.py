"""About this model: how often it is right and what it cannot do, for everybody; the figures of the
model card for experts, behind a fold. All of it is read from the bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from utils import page
from utils.safe_text import escape
from utils.words import Markdown, language_name, listed, number, plain, say

from vocation.reports.card import NAMES

_SOURCES = ("qa", "skills", "jobs", "books", "profiles")


def main() -> None:
    """Says so where a bundle does not carry its figures in a readable form."""
    recommender = page.recommender()
    st.title(plain("about.title"), anchor=False)
    try:
        accuracy, learnt = _accuracy(recommender.metadata), _learnt(recommender.metadata)
        experts = _experts(recommender.metadata)
    except (KeyError, TypeError, ValueError, AttributeError):
        st.info(say("about.unreadable"))
        return
    st.header(plain("about.right"), anchor=False)
    st.markdown(accuracy)
    st.header(plain("about.cannot"), anchor=False)
    st.markdown(_limits(recommender.languages, len(recommender.classes)))
    st.header(plain("about.learnt"), anchor=False)
    st.markdown(learnt)
    page.go("explore", plain("about.careers", count=len(recommender.classes)))
    with st.expander(plain("about.experts")):
        st.markdown(experts)


def _accuracy(metadata: Mapping[str, Any]) -> str:
    if not metadata["metrics"]:
        return say("about.untested")
    test = metadata["metrics"]["test"]
    return say(
        "about.accuracy",
        n=test["accuracy"]["n"],
        first=_of_hundred(test["accuracy"]),
        three=_of_hundred(test["top_3"]),
    )


def _of_hundred(entry: Mapping[str, float]) -> int:
    return round(100 * entry["value"])


def _limits(languages: tuple[str, ...], careers: int) -> str:
    """What holds of every model, in a few sentences."""
    told = [
        say("about.limit_language", language=listed(map(language_name, languages)))
        if languages
        else "",
        say("about.limit_careers", count=careers),
        say("about.limit_person"),
        say("about.limit_pay"),
    ]
    return "\n".join(f"- {one}" for one in told if one)


def _learnt(metadata: Mapping[str, Any]) -> str:
    data = metadata["dataset"]
    parts = [
        plain(f"about.from_{source}", count=number(count)) if source in _SOURCES else source
        for source, count in data["samples_per_source"].items()
    ]
    return say(
        "about.texts",
        rows=data["rows"],
        careers=data["roles"],
        parts=", ".join(parts),
        date=metadata["trained"][:10],
    )


def _experts(metadata: Mapping[str, Any]) -> str:
    """The figures with their intervals and baselines, in the words of the field."""
    lines = []
    if metadata["metrics"]:
        figures = metadata["metrics"]
        test = figures["test"]
        rows = [
            (f"**{say('about.model')}**", test),
            *(
                (escape(name), figures["baselines"][key])
                for key, name in NAMES.items()
                if key in figures["baselines"]
            ),
        ]
        lines = [
            f"| {say('about.compared')} | top-1 accuracy | top-3 accuracy |",
            "|:--|--:|--:|",
            *(
                f"| {name} | {_rate(one['accuracy'])} | {_rate(one['top_3'])} |"
                for name, one in rows
            ),
            "",
            say("about.ece", error=Markdown(f"{100 * test['calibration_error']:.1f}")),
            "",
        ]
    lines += [say("about.base", base=metadata["config"]["base_model"]), ""]
    lines += [f"- {escape(limit)}" for limit in metadata["known_limits"]]
    return "\n".join(lines)


def _rate(entry: Mapping[str, float]) -> str:
    low, value, high = (100 * entry[which] for which in ("low", "value", "high"))
    return f"{value:.1f}\u00a0% ({low:.1f}\u2013{high:.1f})"


main()
