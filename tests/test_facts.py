"""Facts about a person: what goes, what stays since it is a wish, and the time that it takes."""

from __future__ import annotations

import time

import pytest

from vocation.fairness.texts import FACTS, PRONOUNS, drafts
from vocation.records import Career
from vocation.text.person import mask_person


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm 19. I love bread.", "I love bread."),
        ("I love bread and I'm 19 years old.", "I love bread."),
        ("Because I'm 19 I can't drive.", "I can't drive."),
        ("At 52, I want to start over", "I want to start over"),
        ("Woman (43) seeks work", "Person seeks work"),
        ("I'm a shy 19-year-old Polish student", "I'm a shy student"),
        ("My son is 17 and paints", "My child is here and paints"),
        ("I'm from Ghana and I weld", "I weld"),
        ("As a Syrian refugee, I want to help", "I want to help"),
        ("I was born in Manila. I sew.", "I sew."),
        ("I am an Indian nurse", "I am a nurse"),
        ("As a Muslim I bake", "I bake"),
        ("I go to church every Sunday and I bake", "I bake"),
        ("I have a hearing aid and I like maps.", "I like maps."),
        ("I am diabetic, and love baking", "love baking"),
        ("With my bad back I can't lift", "I can't lift"),
        ("Mother of two, good at numbers", "Person, good at numbers"),
        ("I'm a single dad from Leeds, 41, and I paint", "I paint"),
        ("My wife and three kids love it", "My family love it"),
        ("We have two children, so no nights", "no nights"),
    ],
)
def test_a_fact_goes(text: str, expected: str) -> None:
    assert mask_person(text) == expected
    assert mask_person(expected) == expected, "twice is once"


@pytest.mark.parametrize(
    "text",
    [
        "I want to translate Polish, French cuisine too",
        "I am a Spanish teacher and an Arabic interpreter",
        "I teach English to refugees and like Swedish design",
        "I do youth work in a church and play the organ there",
        "I go to church to play the organ",
        "I'd like to help diabetics and work with deaf children",
        "I repair hearing aids and wheelchairs, I have diabetes training",
        "I like working with children, I have five kids in my class",
        "I grew up on a farm. I come from retail.",
        "Welding, 19 years. 24 hours, 30 pallets. I am 19 minutes late, at 16 sites",
        "I was born to cook. As a child I drew.",
    ],
)
def test_a_wish_stays(text: str) -> None:
    assert mask_person(text) == text


def test_no_fact_of_the_audit_gets_through() -> None:
    """The same text for every group, and for somebody who does not tell."""
    for draft in drafts([Career("Baker", skills=("Ovens", "Patience"))], 60, seed=5):
        for kind, groups in FACTS.items():
            masked = {mask_person(draft.text("Emily", "she", (kind, group))) for group in groups}
            assert len(masked) == 1, (kind, masked)
    assert all("none said" in FACTS[kind] for kind in ("religion", "disability", "parenthood"))


def test_pronouns_of_the_audit_make_one_text() -> None:
    for draft in drafts([Career("Baker", skills=("Ovens", "Patience"))], 60, seed=6):
        assert len({mask_person(draft.text("Emily", own)) for own in PRONOUNS}) == 1


@pytest.mark.parametrize(
    "part",
    [
        "I'm from Ab, ",
        "my wife and ",
        "as a ",
        "19 years old, ",
        "Xolani and I ",
        "I am a ",
        "call me x ",
    ],
)
def test_the_time_grows_with_the_length(part: str) -> None:
    """100,000 characters take ten times as long as 10,000, not a hundred times."""

    def seconds(length: int) -> float:
        start = time.perf_counter()
        mask_person(part * (length // len(part)))
        return time.perf_counter() - start

    seconds(100)  # compiles the patterns
    assert seconds(100_000) < 40 * min(seconds(10_000) for _ in range(3))
