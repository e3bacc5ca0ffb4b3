"""What a text plainly refuses is not read; what only looks like a refusal is."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation import Recommender
from vocation.text.clauses import clauses
from vocation.text.refusals import wanted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I can't stand children. I like engines and oil.", "I like engines and oil."),
        ("I like engines and oil, but I hate the customers", "I like engines and oil,"),
        ("I quit nursing after ten years. Something with wood would be good.", "Something with"),
        ("I am sick of spreadsheets, I want to bake bread", "I want to bake bread"),
        ("I don't want to work in an office", ""),
    ],
)
def test_plain_refusals_are_left_out(text: str, kept: str) -> None:
    assert wanted(text).startswith(kept)
    assert bool(wanted(text)) is bool(kept)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to miss a single lesson, I love to teach",
        "I don't want anything but code",
        "I hate to stop when the bread is in the oven",
        "I quit my job to become a nurse",
        "I left the office for a kitchen, and I stay there",
        "My sister hates cooking. I cook every day.",
        "I never tire of numbers and tables",
        "Who can't stand a mess should work with me",
    ],
)
def test_what_only_looks_like_a_refusal_is_read(text: str) -> None:
    assert wanted(text) == text


def test_clauses_hold_every_word() -> None:
    text = (
        "I like wood; my dad (a joiner) says no - but I'd rather build chairs\nthan sell them. OK?"
    )
    found = [text[start:end] for start, end in clauses(text)]
    assert " ".join(" ".join(found).split()).replace(" ", "") == text.replace("\n", "").replace(
        " ", ""
    )
    assert len(found) == 3, "pieces of fewer than three words belong to a neighbour"


def test_answers_leave_out_what_is_refused(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    cars = "I repair car engines, brakes and gearboxes."
    alone, refusing = recommender.recommend([cars, f"I can't stand children. {cars}"])
    assert refusing.careers == alone.careers
    skill = alone.careers[0].skills_missing[0]
    named, loathed = recommender.recommend([f"{cars} {skill}.", f"{cars} I hate {skill}."])
    assert skill in named.careers[0].skills_held
    assert skill not in loathed.careers[0].skills_held
    only = recommender.recommend("I don't want to work with children", explain=True)
    assert (only.decision, only.reason_code, only.careers) == ("unsure", "refused", ())
    assert only.question
