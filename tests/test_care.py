"""Texts that need a person rather than a career, and phrases that nobody should hear as a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vocation.data.dataset import default_folder
from vocation.serving.explain import phrase_reasons
from vocation.text import care
from vocation.text.care import concern
from vocation.text.families import families
from vocation.text.personal import is_personal

_TEXTS = (Path(__file__).parent / "data" / "care.txt").read_text("utf-8")
TEXTS = {
    part.partition("\n")[0]: [line for line in part.split("\n")[1:] if line]
    for part in _TEXTS.split("\n## ")[1:]
}


@pytest.mark.parametrize(
    ("kind", "expected", "missed"),
    [("distress", "distress", 8), ("ordinary", None, 0), ("people", "people", 8)],
)
def test_texts_are_told_from_their_look_alikes(
    kind: str, expected: str | None, missed: int
) -> None:
    """A few stay unnoticed: no list of words finds all, and a false alarm costs trust."""
    assert len(TEXTS[kind]) >= 60
    wrong = [text for text in TEXTS[kind] if concern(text) != expected]
    assert len(wrong) <= missed, wrong


def test_case_quotes_and_dashes_do_not_hide_what_is_said() -> None:
    for text in ("I DON'T WANT TO LIVE", "I don\u2019t want to live anymore!!", "i self-harm"):
        assert concern(text) == "distress"
    assert concern('People who call us say: "I want to die". I listen to them.') is None


def test_the_cues_of_a_family_hide_none_of_its_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A family is tried on texts with one of its cues only: the same is found without cues."""
    texts = [text for kind in TEXTS.values() for text in kind]
    found = [concern(text) for text in texts]
    anywhere = {
        name: tuple(replace(family, cues=frozenset()) for family in rules)
        for name, rules in families("care.txt").items()
    }
    monkeypatch.setattr(care, "families", lambda file: anywhere)
    assert [concern(text) for text in texts] == found


def test_ordinary_texts_at_length_are_careers() -> None:
    """Texts of the default data come from people who look for work: next to none needs help."""
    rows = (default_folder() / "profiles.csv").read_text("utf-8").splitlines()[1:]
    found = [row for row in rows if concern(row)]
    assert len(rows) > 1000
    assert len(found) <= len(rows) / 200, found


def test_a_hostile_text_takes_no_time() -> None:
    for piece in (
        "i want to ",
        "my dad and he does not ",
        "i ",
        "who of my ",
        "would be better if ",
    ):
        assert concern((piece * 200_000)[:200_000]) in (None, "people")


@pytest.mark.parametrize(
    "phrase",
    [
        "I am 54",
        "as a 19-year-old",
        "I come from Nigeria",
        "we fled from Syria",
        "as a Muslim woman",
        "I sing in church",
        "I have autism",
        "I use a wheelchair",
        "since my stroke I walk slowly",
        "I was in prison for two years",
        "as a single mother",
        "my husband and I run a farm",
        "I have three children",
        "write to me at jo@example.org",
        "call me on 0176 5550 123",
        "I don't want to live any more",
    ],
)
def test_who_somebody_is_is_no_reason(phrase: str) -> None:
    assert is_personal(phrase)


@pytest.mark.parametrize(
    "phrase",
    [
        "I repair bikes with my uncle",
        "I speak Spanish and French",
        "I want to care for sick people",
        "I would like to help children with autism",
        "I cook Italian food",
        "I have 12 years of experience with Python",
        "I want to be a prison officer",
        "I sold 1,200 cakes in 2024",
    ],
)
def test_what_somebody_likes_is_a_reason(phrase: str) -> None:
    assert not is_personal(phrase)


def test_reasons_leave_out_who_somebody_is_and_name_what_speaks_for_another() -> None:
    """Two careers: without "I bake bread" the second falls, without "I code" the first, and without
    "I am 54" the first too; the last must not be quoted.
    """
    text = "I code, I bake bread, I am 54"
    seen = {"I code": [0.2, 0.8], "I bake bread": [0.9, 0.1], "I am 54": [0.2, 0.8]}

    def ask(texts: list[str]) -> np.ndarray:
        return np.array(
            [next(row for phrase, row in seen.items() if phrase not in one) for one in texts]
        )

    first, second = phrase_reasons(text, np.array([0.6, 0.4]), [0, 1], ["Coder", "Baker"], ask)
    assert first[:3] == (("I code",), ("I bake bread",), ("Baker",))
    assert second[:3] == (("I bake bread",), ("I code",), ("Coder",))
    sure = phrase_reasons(text, np.array([0.96, 0.04]), [0, 1], ["Coder", "Baker"], ask)
    assert [one.against for one in sure] == [(), ()]
    assert sure[0].because is not None
    assert sure[0].because[0] == "I code"
