"""Families and preparation in words: once for what belongs together, and in two lines at most."""

from __future__ import annotations

import pytest

from vocation import Recommendation, catalogue
from vocation.records import Suggestion

FAMILIES = {
    "Nurse": "Health",
    "Dentist": "Health",
    "Carer": "Care",
    "Nanny": "Care",
    "Cook": "Food",
}


def answer(*careers: str, decision: str = "match", code: str | None = None) -> Recommendation:
    """All `careers` are shown, and all are in the 90 % set; those not in FAMILIES have none."""
    shown = tuple(Suggestion(career, 0.2, "good match") for career in careers)
    return Recommendation(
        decision, None, shown, careers, reason_code=code, families=FAMILIES, question="?"
    )


def test_a_place_in_words() -> None:
    assert catalogue.place("Care", 2) == "Care, some preparation (2 of 5)"
    assert catalogue.place("", 1) == "little or no preparation (1 of 5)"
    assert catalogue.place("Care", None) == "Care"
    assert catalogue.place("", None) == ""


def test_a_family_is_told_once() -> None:
    """In the order of the careers, and those alone in their family not at all."""
    assert catalogue.shared(answer("Carer", "Cook", "Nanny")) == "In one family, Care: Carer, Nanny"
    two = catalogue.shared(answer("Carer", "Nurse", "Nanny", "Dentist"))
    assert two == "In one family, Care: Carer, Nanny; Health: Nurse, Dentist"
    assert catalogue.shared(answer("Carer", "Nanny")) == "All in one family: Care"
    for none in (answer("Carer", "Cook"), answer("Carer"), answer("Elf", "Orc"), answer()):
        assert catalogue.shared(none) == ""


@pytest.mark.parametrize(
    ("decision", "code", "told"),
    [("match", None, True), ("unsure", "near", True), ("unsure", "far", False)],
)
def test_a_large_set_is_told_by_family(decision: str, code: str | None, told: bool) -> None:
    """Not where the probabilities say nothing, nor a small set, nor one without families."""
    large = answer("Carer", "Elf", "Nanny", "Cook", decision=decision, code=code)
    expected = "Could be any of 4. Care: Carer, Nanny; Elf; Food: Cook"
    assert catalogue.likely(large) == (expected if told else "")
    assert catalogue.likely(answer("Carer", "Nanny", "Cook", decision=decision, code=code)) == ""
    assert catalogue.likely(answer(*"ABCD", decision=decision, code=code)) == ""


def test_more_than_two_lines_are_cut_and_counted() -> None:
    many = [*(f"Career number {i}" for i in range(39)), "Elf"]
    families = dict.fromkeys(many[:25], "One of them") | dict.fromkeys(many[25:], "Another")
    wide = Recommendation("match", None, (), tuple(many), families=families)
    for most in (catalogue.PHONE, catalogue.TERMINAL):
        line = catalogue.likely(wide, most)
        named = line.count("Career number")
        assert 0 < named < 25
        assert "Elf" not in line, "a short one does not jump ahead"
        assert line.endswith(f" and {40 - named} more")
        assert len(line) <= most + len(" and 39 more")
