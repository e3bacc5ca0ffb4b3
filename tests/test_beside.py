"""What a recommender tells beside its answers: careers asked about, twins, what matters most."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vocation import Recommender
from vocation.serving.explorer import Explorer
from vocation.serving.twin import twin
from vocation.text.titles import Titles

TWO = "I write programs for my friends. I cook for twenty people at the club every week."


@pytest.fixture(scope="module")
def recommender(bundle_folder: Path) -> Recommender:
    return Recommender.load(bundle_folder)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("what does a data scientist earn?", ("pay", "Data Scientist")),
        ("data scientist salary", ("pay", "Data Scientist")),
        ("¿Cuánto gana un Data Scientist?", ("pay", "Data Scientist")),
        ("Is web developer a good job?", ("career", "Web Developer")),
        ("How do I become a chef?", ("career", "Chef")),
        ("nurses", ("title", "Registered Nurse")),
        ("I like drawing, could I be a chef?", None),
        ("My brother is a chef and earns well", None),
        ("what does a unicorn tamer earn?", None),
        ("What should I do?", None),
        ("chef please", None),
        ("", None),
    ],
)
def test_a_question_about_a_career_is_told_from_a_wish(
    recommender: Recommender, text: str, asked: tuple[str, str] | None
) -> None:
    found = recommender.explorer.asked_about(text)
    assert (found and (found[0], found[1].name)) == asked


def test_which_skill_first_goes_by_the_texts_of_the_career(recommender: Recommender) -> None:
    skills = recommender.career("Web Developer").skills
    usual = {"Web Developer": {skills[2]: 0.4, skills[1]: 0.1}}
    careers = recommender.careers
    explorer = Explorer(careers, usual, recommender._directions, Titles.of(careers))
    ordered = explorer.skills_first("Web Developer")
    assert ordered[:3] == ((skills[2], 0.4), (skills[1], 0.1), (skills[0], None))
    held = explorer.skills_first("Web Developer", [skills[2].upper()])
    assert held == ordered[1:]
    with pytest.raises(KeyError):
        explorer.skills_first("Unicorn Tamer")


def test_near_careers_share_what_is_said_of_them(recommender: Recommender) -> None:
    near = recommender.explorer.related("Web Developer")
    own = {skill.casefold() for skill in recommender.career("Web Developer").skills}
    assert "Web Developer" not in [one.career for one in near]
    assert near[0].same_family
    for one in near:
        theirs = {skill.casefold() for skill in recommender.career(one.career).skills}
        assert {skill.casefold() for skill in one.skills} == own & theirs


def test_what_matters_most_is_read_more(recommender: Recommender) -> None:
    def share(number: int) -> float:
        answer = recommender.recommend(TWO, top_k=64, stances={number: "most"})
        return next(one.confidence for one in answer.careers if one.career == "Chef")

    assert share(1) > 1.5 * share(0)
    clauses = recommender.recommend(TWO, stances={1: "most"}).clauses
    assert [(one.stance, one.counts) for one in clauses][1] == ("most", True)


# --- twins: a model of two careers that is told what to find ---------------------------------------

PARTS = ("I like maths", "I am deaf", "I am tall")
SPANS = [(0, 12), (14, 23), (25, 34)]
TEXT = ", ".join(PARTS)


def reader(*, word: str, masked: bool = True) -> object:
    """Answers with the second career where it reads `word`; `masked`: also if it is masked."""

    def ask(texts: list[str], mask: bool) -> np.ndarray:
        moved = [word in text and (masked or not mask) for text in texts]
        return np.array([[0.1, 0.9] if one else [0.9, 0.1] for one in moved])

    return ask


def test_an_answer_that_nothing_personal_moves_stays() -> None:
    found = twin(TEXT, SPANS, ("A", "B"), reader(word="tall"))  # type: ignore[arg-type]
    assert found.same
    assert found.parts == ("I am deaf",)


def test_the_part_that_moves_an_answer_is_named() -> None:
    found = twin(TEXT, SPANS, ("A", "B"), reader(word="deaf"))  # type: ignore[arg-type]
    assert (found.same, found.moved, found.other) == (False, "I am deaf", "A")
    # Masking hides it: only the reading in which nothing is masked moves.
    found = twin(TEXT, SPANS, ("A", "B"), reader(word="deaf", masked=False))  # type: ignore[arg-type]
    assert (found.same, found.moved, found.other) == (False, "I am deaf", "B")


def test_a_name_that_would_move_an_answer_is_no_part_of_the_text() -> None:
    text = "Anna likes maths"
    found = twin(text, [(0, len(text))], ("A", "B"), reader(word="Anna", masked=False))  # type: ignore[arg-type]
    assert (found.same, found.parts, found.moved, found.other) == (False, (), None, "B")
