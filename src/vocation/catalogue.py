"""How a career is placed among others, in words: its family, and the preparation that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocation.records import Recommendation

PREPARATION = {1: "little or no", 2: "some", 3: "medium", 4: "considerable", 5: "extensive"}
"""Job zones in the words of O*NET, to stand before "preparation"."""

MOST_UNGROUPED = 3
"""Careers of a 90 % set that are told one by one; more are told by family."""

PHONE, TERMINAL = 90, 180
"""Characters that fit in two lines: in small print at 360 pixels, and in a terminal."""


def place(family: str, zone: int | None) -> str:
    """Return family and preparation in words: "Care, some preparation (2 of 5)"; "" for neither."""
    need = f"{PREPARATION[zone]} preparation ({zone} of 5)" if zone in PREPARATION else ""
    return ", ".join(part for part in (family, need) if part)


def grouped(careers: Iterable[str], families: Mapping[str, str]) -> dict[str, list[str]]:
    """Return `careers` by family, in the order of each family's first; "" holds those of none."""
    found: dict[str, list[str]] = {}
    for career in careers:
        found.setdefault(families.get(career, ""), []).append(career)
    return found


def shared(answer: Recommendation, most: int = PHONE) -> str:
    """Return which of the careers share a family: "In one family, Care: Nurse, Carer". "" if none.

    A family that holds them all is named alone, since its careers are listed anyway; directions
    say already which careers are apart.
    """
    groups = grouped((one.career for one in answer.careers), answer.families)
    if answer.directions or len(groups) == len(answer.careers):
        return ""
    if len(groups) == 1:
        family = next(iter(groups))
        return f"All in one family: {family}" if family else ""
    several = [(family, own) for family, own in groups.items() if family and len(own) > 1]
    while len(several) > 1 and len(_line("", several, TERMINAL)) > most:
        several.pop()
    return _line("In one family, ", several, most) if several else ""


def likely(answer: Recommendation, most: int = PHONE) -> str:
    """Return the careers of the 90 % set by family: "Could be any of 5. Care: Nurse and 4 more".

    "" for a set of MOST_UNGROUPED or fewer, one of no known family, and that of an unsure answer
    whose probabilities say nothing, since they were calibrated on texts that can be answered.
    """
    groups = grouped(answer.prediction_set, answer.families)
    calibrated = answer.decision == "match" or answer.reason_code == "near"
    if not calibrated or len(answer.prediction_set) <= MOST_UNGROUPED or not any(groups):
        return ""
    start = f"Could be any of {len(answer.prediction_set)}. "
    return _line(start, list(groups.items()), most)


def _line(told: str, groups: list[tuple[str, list[str]]], most: int) -> str:
    """Return `told` and the groups in about `most` characters; careers left out are counted."""
    left = 0
    for g, (family, own) in enumerate(groups):
        for i, career in enumerate(own):
            start = f"{'; ' if g else ''}{family}{': ' if family else ''}" if i == 0 else ", "
            # The first is always told. Nothing after one that does not fit: it would jump ahead.
            if left or (g + i and len(told) + len(start) + len(career) > most):
                left += 1
            else:
                told += start + career
    return f"{told} and {left} more" if left else told
