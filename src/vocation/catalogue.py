"""How a career is placed among others, in words: its family, and the preparation that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PREPARATION = {1: "little or none", 2: "some", 3: "medium", 4: "considerable", 5: "extensive"}
"""Job zones in words, those of O*NET (https://www.onetonline.org/help/online/zones)."""

MOST_TOLD = 90
"""Characters of a line of groups: two lines of small print on a phone of 360 pixels."""


def place(family: str, zone: int | None) -> str:
    """Return family and preparation in words: "Care, some preparation (2 of 5)"; "" for neither."""
    need = f"{PREPARATION[zone]} preparation ({zone} of 5)" if zone in PREPARATION else ""
    if zone == 1:
        need = "little or no preparation (1 of 5)"
    return ", ".join(part for part in (family, need) if part)


def grouped(careers: Iterable[str], families: Mapping[str, str]) -> dict[str, list[str]]:
    """Return `careers` by family, in the order of each family's first; "" holds those of none."""
    found: dict[str, list[str]] = {}
    for career in careers:
        found.setdefault(families.get(career, ""), []).append(career)
    return found


def relatives(careers: Iterable[str], families: Mapping[str, str]) -> str:
    """Return the families that two or more of `careers` share: "Care: Nurse, Carer". "" if none.

    One family that holds them all is named alone, since its careers are those that are listed.
    """
    groups = grouped(careers, families)
    if len(groups) == 1 and (family := next(iter(groups))) and len(groups[family]) > 1:
        return f"All in one family: {family}"
    return _line([(family, own) for family, own in groups.items() if family and len(own) > 1])


def by_family(careers: Iterable[str], families: Mapping[str, str]) -> str:
    """Return all `careers` in a line, by family: "Care: Nurse, Carer; Health: Dentist, 2 more"."""
    return _line(list(grouped(careers, families).items()))


def _line(groups: list[tuple[str, list[str]]]) -> str:
    """Join the groups to at most MOST_TOLD characters; what has no place is counted."""
    told, left = "", 0
    for family, own in groups:
        for i, career in enumerate(own):
            start = f"{'; ' if told else ''}{family}{': ' if family else ''}" if i == 0 else ", "
            # Nothing after the first that does not fit: a later, shorter one would come before it.
            if left or (told and len(told) + len(start) + len(career) > MOST_TOLD):
                left += 1
            else:
                told += start + career
    return f"{told}; {left} more" if left else told
