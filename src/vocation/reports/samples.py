"""Answers of a new model to a few texts: what the card shows, and what to try first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vocation.format import percent
from vocation.serving.recommend import Recommender
from vocation.text.clean import mask_role

QUERIES = (
    "I love programming and building web applications with Python and JavaScript",
    (
        "I am good at biology, I stay calm when somebody is hurt, and I want to look after people"
        " on a ward."
    ),
    "Numbers relax me. I keep the club's books, and I notice when a receipt is missing.",
    "I take engines apart in my uncle's garage at weekends and can hear what is wrong with a car.",
    "I draw all day: posters, logos, covers for my friends' songs.",
)
"""Fixed queries for sample predictions; none of them is a training row."""


def of(recommender: Recommender) -> list[dict[str, Any]]:
    """Answers to texts about the bundle's careers: the first three of them with their confidence.

    The texts are those of QUERIES that match one. Where none does, for the careers are others, or
    the language is, they are the careers' own descriptions; texts without a match are left out.
    """
    return _matches(recommender, QUERIES) or _matches(recommender, _own_texts(recommender))


def _own_texts(recommender: Recommender) -> list[str]:
    """The first sentences of the descriptions of some careers, where these do not name them."""
    step = max(1, len(recommender.careers) // len(QUERIES))
    firsts = (
        (one.name, re.split(r"(?<=[.!?])\s|(?<=[。！？])", one.description)[0])
        for one in recommender.careers[::step]
        if one.description
    )
    return [text for name, text in firsts if text == mask_role(text, name)][: len(QUERIES)]


def _matches(recommender: Recommender, texts: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for query, answer in zip(texts, recommender.recommend([*texts], top_k=3), strict=True):
        if answer.decision != "match":
            continue
        careers = [
            {"career": one.career, "confidence": round(one.confidence, 4)} for one in answer.careers
        ]
        found.append({"text": query, "decision": answer.decision, "careers": careers})
    return found


def answer(sample: Mapping[str, Any]) -> str:
    """One of `samples` in words. An unsure answer shows no number: it was not calibrated for it."""
    if sample["decision"] == "unsure":
        return f"(unsure) {', '.join(one['career'] for one in sample['careers'])}"
    return ", ".join(f"{one['career']} {percent(one['confidence'])}" for one in sample["careers"])


def try_it(metadata: Mapping[str, Any], folder: object) -> str:
    """The command that asks the bundle in `folder`: with a text that it answers, where one is
    known and a terminal takes it between quotes.
    """
    texts = [one["text"] for one in metadata.get("sample_predictions") or ()]
    text = "I love building web applications" if QUERIES[0] in texts else "".join(texts[:1])
    asked = f' "{text}"' if text and not re.search(r'["$`\\!%]', text) else ""
    return f"Try it:  vocation recommend --bundle {folder}{asked}"
