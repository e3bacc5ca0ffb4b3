"""A job that somebody holds or held is told from one that they wish for, deny, or only speak of."""

from __future__ import annotations

import pytest

from vocation.text.titles import Titles

TITLES = Titles(["Nurse", "Chef", "Lawyer"], [("nursing",), ("cook",), ("law",)])


def held(text: str) -> list[str]:
    return [one.title for one in TITLES.held(text, TITLES.mentions(text))]


@pytest.mark.parametrize(
    "text",
    [
        "I am a nurse and tired of nights.",
        "I worked as a nurse for ten years.",
        "I've been working nights as a nurse since 2015",
        "I used to be a nurse, now I want to paint.",
        "Former nurse looking for an office job",
        "After eight years as a nurse I need a change.",
        "I quit my job as a nurse last year.",
        "I'm no longer a nurse.",
        "Nurse with twelve years on the wards",
    ],
)
def test_a_job_held_or_formerly_held(text: str) -> None:
    assert [title.casefold() for title in held(text)] == ["nurse"]


@pytest.mark.parametrize(
    "text",
    [
        "I want to be a nurse.",
        "I would be a terrible nurse",
        "If I was a nurse, I would move.",
        "I never worked as a nurse.",
        "I'm not a nurse.",
        "My mother was a nurse.",
        "I am a nurse's daughter.",
        "I'm married to a nurse.",
        "I am a nurse assistant",
        "I am a nursing student",
        "I applied for a job as a nurse.",
        "Was I a nurse?",
        "I am a good cook.",
        "I worked in law",
        "Nurse",
    ],
)
def test_a_wish_a_denial_and_the_job_of_another_are_none(text: str) -> None:
    assert held(text) == []
