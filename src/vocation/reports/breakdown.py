"""Accuracy over careers, by family and by job zone, and careers that are mixed up: in lines and
tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vocation import metrics
from vocation.format import rate
from vocation.records import Facts

FEWEST = 10
"""Held-out rows below which a family is told under OTHERS: its interval would be very wide."""

OTHERS = "others"

FEWEST_OF_CAREER = 3
"""Held-out rows from which a career may be among the worst: with fewer it would be chance."""

_TENTH, _NAMED = 10, 3  # one career of so many is among the worst; so many of them are named
_LISTED = 4  # families in the line of a terminal: the lowest ones and the highest
_PAIRS = 5  # pairs of careers that a terminal shows; the card has them all


def measure(
    place: metrics.Ints, labels: metrics.Ints, roles: Sequence[str], facts: Mapping[str, Facts]
) -> dict[str, Any]:
    """Return accuracy by career, family and job zone from the rank (n,) of the right career.

    `labels` (n,) are places in `roles`; `facts` are those that are known, by career. The result has
    `macro` (the mean top-1 of the careers, each counting the same) and, if there are enough
    careers, `worst_tenth`; `by_family` and `by_job_zone` only where at least two kinds are known.
    """
    own = {roles[c]: metrics.share(place[labels == c] == 1) for c in np.unique(labels)}
    found: dict[str, Any] = {}
    if own:
        mean = float(np.mean([entry["value"] for entry in own.values()]))
        found["macro"] = {"value": mean, "careers": len(own)}
    if worst := _worst_tenth(own):
        found["worst_tenth"] = worst
    rows = [facts.get(roles[label]) for label in labels]
    families = [one.family if one else "" for one in rows]
    if any(families):
        many = {family for family, n in Counter(families).items() if n >= FEWEST}
        families = [family if family and family in many else OTHERS for family in families]
    zones = [str(one.job_zone) if one and one.job_zone else "" for one in rows]
    for key, kinds in (("by_family", families), ("by_job_zone", zones)):
        if len(set(kinds) - {""}) > 1:
            found[key] = _by_kind(place, np.array(kinds))
    return found


def _by_kind(place: metrics.Ints, kinds: Any) -> dict[str, Any]:
    return {
        str(kind): {
            "accuracy": metrics.share(place[kinds == kind] == 1),
            "top_3": metrics.share(place[kinds == kind] <= 3),
        }
        for kind in np.unique(kinds)
        if kind
    }


def _worst_tenth(own: Mapping[str, Mapping[str, float]]) -> dict[str, Any] | None:
    judged = [(name, entry) for name, entry in own.items() if entry["n"] >= FEWEST_OF_CAREER]
    count = len(judged) // _TENTH
    if not count:
        return None
    # Of equal accuracy the career with more rows is worse: it is less likely by chance.
    worst = sorted(judged, key=lambda one: (one[1]["value"], -one[1]["n"], one[0]))[:count]
    return {
        "value": float(np.mean([entry["value"] for _, entry in worst])),
        "careers": count,
        "of": len(judged),
        "worst": dict(worst[:_NAMED]),
    }


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """What `measure` found, as the terminal shows it, and pairs mixed up; none of old bundles.

    `figures` are the metadata's `metrics`.
    """
    if macro := figures.get("macro"):
        line = f"  macro top-1 (every career the same) {rate(macro['value'])}"
        if worst := figures.get("worst_tenth"):
            names = ", ".join(
                f"{name} {rate(entry['value'], 0)}" for name, entry in worst["worst"].items()
            )
            line += f"; worst tenth of careers {rate(worst['value'])} ({names})"
        yield line
    if families := figures.get("by_family"):
        yield f"  top-1 by family: {_lowest(families)}"
    if zones := figures.get("by_job_zone"):
        told = (f"{zone}: {rate(entry['accuracy']['value'])}" for zone, entry in zones.items())
        yield f"  top-1 by job zone (preparation, 1 little to 5 extensive): {', '.join(told)}"
    yield from mixed_up(figures.get("mixed_up") or ())


def mixed_up(pairs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The first pairs of `metrics.mixed_up`, as the terminal shows them; no line without any."""
    if pairs:
        yield "  careers mixed up most often (right -> answered):"
    for pair in pairs[:_PAIRS]:
        yield (
            f"    {pair['right']} -> {pair['answered']}: {pair['times']:,} of {pair['of']:,}"
            f" {'row' if pair['of'] == 1 else 'rows'}"
        )


def _lowest(families: Mapping[str, Any]) -> str:
    order = sorted(families, key=lambda family: (families[family]["accuracy"]["value"], family))
    told = [f"{family} {rate(families[family]['accuracy']['value'])}" for family in order]
    if len(told) <= _LISTED:
        return ", ".join(told)
    return f"lowest {', '.join(told[: _LISTED - 1])}; highest {told[-1]} ({len(told)} families)"


def tables(figures: Mapping[str, Any]) -> Iterator[str]:
    """What `measure` found, as tables of the model card; no line where nothing is known."""
    for key, title in (("by_family", "family"), ("by_job_zone", "job zone")):
        if found := figures.get(key):
            yield from ("", f"| {title} | top-1 | 95 % interval | top-3 | rows |", "|---" * 5 + "|")
        for kind, entry in (found or {}).items():
            top_1, top_3 = entry["accuracy"], entry["top_3"]
            low, high = rate(top_1["low"]), rate(top_1["high"])
            name = _cell(kind)
            yield (
                f"| {name} | {rate(top_1['value'])} | {low} to {high} | {rate(top_3['value'])} |"
                f" {top_1['n']:,} |"
            )
    if pairs := figures.get("mixed_up"):
        yield from ("", "| right career | answered | times | of its rows |", "|---" * 4 + "|")
        for pair in pairs:
            names = f"{_cell(pair['right'])} | {_cell(pair['answered'])}"
            yield f"| {names} | {pair['times']:,} | {pair['of']:,} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
