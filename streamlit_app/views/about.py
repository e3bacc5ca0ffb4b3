"""About this model: the figures of the model card, read from the bundle's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from utils import page
from utils.safe_text import escape
from utils.words import plain, say

from vocation import Recommender
from vocation.reports.card import NAMES
from vocation.text.clean import clean

_SOURCES = {
    "qa": "questions and answers",
    "skills": "skill lists",
    "jobs": "job descriptions",
    "books": "books",
    "profiles": "what people say about themselves",
}


def main() -> None:
    """Accuracy with interval and baselines, data, date and known limits. Says so where a bundle
    does not carry them.
    """
    recommender: Recommender = page.recommender()
    st.title(plain("about.title"), anchor=False)
    try:
        blocks = [
            _accuracy(recommender.metadata),
            _data(recommender.metadata),
            _limits(recommender.metadata),
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        st.info(say("about.unreadable"))
        blocks = []
    for block in blocks:
        st.markdown(block)
    with st.expander(plain("about.careers", count=len(recommender.classes))):
        st.text("\n".join(clean(name) for name in recommender.classes))


def _accuracy(metadata: Mapping[str, Any]) -> str:
    figures = metadata["metrics"]
    if not figures:
        return (
            "## How often is it right?\nNobody knows: there were too few rows to hold any back for"
            " a test."
        )
    test = figures["test"]
    rows = [
        ("**this model**", test),
        *(
            (name, figures["baselines"][key])
            for key, name in NAMES.items()
            if key in figures["baselines"]
        ),
    ]
    table = [
        f"| {name} | {_rate(entry['accuracy'])} | {_rate(entry['top_3'])} |" for name, entry in rows
    ]
    return "\n".join(
        [
            "## How often is it right?",
            (
                f"Tested on {test['accuracy']['n']:,} texts that it had never seen, with the"
                " career's name hidden. The first answer was right in"
                f" **{_rate(test['accuracy'])}** of them (95\u00a0% interval"
                f" {_rate(test['accuracy'], 'low')} to {_rate(test['accuracy'], 'high')}), one of"
                f" the first three in **{_rate(test['top_3'])}** ({_rate(test['top_3'], 'low')} to"
                f" {_rate(test['top_3'], 'high')})."
            ),
            "",
            "| to compare | top-1 accuracy (first answer right) |"
            " top-3 accuracy (right in first three) |",
            "|:--|--:|--:|",
            *table,
            "",
            (
                "Calibration error: confidence and accuracy differ by"
                f" {100 * test['calibration_error']:.1f} points on average."
            ),
        ]
    )


def _data(metadata: Mapping[str, Any]) -> str:
    data = metadata["dataset"]
    sources = ", ".join(
        f"{count:,} from {_SOURCES.get(source, escape(source))}"
        for source, count in data["samples_per_source"].items()
    )
    return "\n".join(
        [
            "## What did it learn from?",
            f"{data['rows']:,} texts about {data['roles']:,} careers: {sources}.",
            "",
            (
                f"Trained on {escape(metadata['trained'][:10])} from"
                f" {escape(metadata['config']['base_model'])}."
            ),
        ]
    )


def _limits(metadata: Mapping[str, Any]) -> str:
    return "\n".join(
        ["## What can it not do?", *(f"- {escape(limit)}" for limit in metadata["known_limits"])]
    )


def _rate(entry: Mapping[str, float], which: str = "value") -> str:
    return f"{100 * entry[which]:.1f}\u00a0%"


main()
