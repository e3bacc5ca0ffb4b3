"""A text can speak for two directions; careers close to the first one are told as near."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vocation import Recommendation
from vocation.serving.directions import Directions

NAMES = ("Nurse", "Doctor", "Chef", "Baker")
# Doctor leans towards nurse, baker towards chef; around their mean, the two pairs are opposite.
EMBEDDINGS = np.array([[9, 1.0], [9, 0.8], [9, -1.0], [9, -0.8]], np.float32)


@pytest.fixture
def directions() -> Directions:
    model: Any = SimpleNamespace(classes=NAMES, embeddings=EMBEDDINGS)
    return Directions([model], NAMES)


def test_near_careers_come_right_behind_the_first(directions: Directions) -> None:
    assert directions.near([0, 1, 2, 3], np.array([0.6, 0.2, 0.1, 0.1])) == [1]
    assert directions.near([0, 2, 1, 3], np.array([0.6, 0.1, 0.2, 0.1])) == []
    assert directions.near([0, 1, 2, 3], np.array([0.95, 0.03, 0.01, 0.01])) == [], "too unlikely"


def test_two_directions_are_those_of_different_parts(directions: Directions) -> None:
    """The nearest to the first is passed over, and each needs a part of the text for itself."""
    shares, order = np.array([0.5, 0.25, 0.2, 0.05]), [0, 1, 2, 3]
    assert directions.second(order, shares) == (0, 2)
    assert directions.both(np.array([[0.9, 0.1, 0, 0], [0, 0, 0.8, 0.2]]), 0, 2)
    assert not directions.both(np.array([[0.9, 0.1, 0, 0], [0.5, 0, 0.4, 0.1]]), 0, 2)
    assert directions.second(order, np.array([0.9, 0.05, 0.04, 0.01])) is None, "too sure"
    assert directions.second([0], np.array([1.0])) is None


def test_ideas_of_one_kind_are_one_direction(directions: Directions) -> None:
    assert directions.several([0, 1, 2]) == [0, 2]
    assert directions.several([2, 3]) == []


def test_directions_in_words() -> None:
    match = Recommendation("match", None, (), directions=("Nurse", "Chef"))
    assert match.directions_told() == "Two directions fit: Nurse, or Chef"
    unsure = Recommendation("unsure", "why", (), directions=("Nurse", "Chef", "Pilot"))
    assert unsure.directions_told() == "A few directions: Nurse, Chef, or Pilot"
    assert Recommendation("match", None, ()).directions_told() == ""
