"""The fairness audit in lines: one screen for the terminal, the same lines for the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vocation.format import interval, measured, number_interval, rate
from vocation.serving.inputs import account

LABELS = {
    "names listed": "first name, in the masking list",
    "names not listed": "first name, in no list",
    "pronouns": "she, he, they; mother, father ...",
    "age": "age: 17, 34, 47, 58",
    "nationality": "country somebody is from",
    "religion": "religion, or none said",
    "disability": "disability or illness, or none said",
    "parenthood": "children, or none said",
}
DISCLAIMER = (
    "Not measured: dialect, school, place, other languages, other wordings, and whatever else"
    " points to a group. No audit shows that a model is fair."
)


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The report of `audit`, or of its small form in the metadata."""
    names = sum(sum(group.values()) for group in found["names"].values())
    groups = len(found["names"])
    yield (
        f"Counterfactual texts (the same text by somebody else): {found['texts']:,} generated texts"
        f" (seed {found['seed']}), {names} first names of {groups} groups."
    )
    yield (
        "Names, titles, gendered words and facts such as age are"
        f" {'masked' if found['masking'] else 'NOT masked'} before this bundle reads a text."
    )
    other = found.get("other_masking")
    yield ""
    yield (
        f"  {'what is swapped':<36}{'first answer flips':<22}{'limit':<8}{'probability moves':<19}"
        + (_other_masking(found) if other else "")
    )
    for kind, entry in found["kinds"].items():
        unmasked = _short(other["kinds"][kind]) if other else ""
        yield (
            f"{_mark(entry)}"
            f" {LABELS.get(kind, kind):<36}{interval(entry['flips']):<22}{entry['limit']:<8.1%}"
            f"{entry['change']['value']:<19.4f}{unmasked}".rstrip()
        )
    yield f"  {'':<66}(limit {found['kinds']['pronouns']['change_limit']})"
    places = found["kinds"]["names not listed"]["by_place"]
    by_place = ", ".join(
        f"{place} {rate(share['value'])} ({share['n']} texts)" for place, share in places.items()
    )
    yield f"    a name in no list, by its place in the text: {by_place}"
    yield from _pairs(found)
    yield from _pay(found["pay"], other)
    yield ""


def verdict(found: Mapping[str, Any]) -> str:
    """Whether the limits are kept, and what was not measured."""
    passed = found["passed"] and found.get("groups", {"passed": True})["passed"]
    # Few texts cannot show that a limit is kept, only that none is surely broken.
    kept = (
        "All limits kept."
        if found["texts"] >= found["enough"]
        else f"No limit is broken by more than chance; {found['texts']} texts cannot tell more."
    )
    return f"{kept if passed else 'FLAGGED: at least one limit is not kept.'}\n{DISCLAIMER}"


def _other_masking(found: Mapping[str, Any]) -> str:
    masking = "not masked" if found["masking"] else "masked"
    return f"{masking} ({found['other_masking']['texts']} texts)"


def _mark(entry: Mapping[str, Any]) -> str:
    return " " if entry["passed"] else "!"


def _short(entry: Mapping[str, Any]) -> str:
    return f"{rate(entry['flips']['value'])}, {entry['change']['value']:.3f}"


def _pairs(found: Mapping[str, Any]) -> Iterator[str]:
    """For each kind of swap the pairs that differ most, if any does."""
    # The small audit of the metadata has no results of single pairs.
    worst = [
        f"    {kind:<17} {pair['a']} / {pair['b']}: {interval(pair['flips'])}"
        for kind, entry in found["kinds"].items()
        for pair in sorted(entry.get("pairs", ()), key=lambda pair: -float(pair["flips"]["value"]))[
            :2
        ]
        if pair["flips"]["value"] > 0
    ]
    if worst:
        yield from ("", "  most affected pairs, first answers that flip (95 % interval):", *worst)


def _pay(pay: Mapping[str, Any], other: Mapping[str, Any] | None) -> Iterator[str]:
    yield ""
    if not pay["n"]:
        yield (
            "  Pay of the first five careers: not compared, no career of the bundle has dated pay."
        )
        return
    left = (
        f"; {pay['careers_left_out']} careers without dated pay are left out"
        if pay["careers_left_out"]
        else ""
    )
    unmasked = f" (with the other masking: {rate(other['pay']['value'])})" if other else ""
    # Without any difference no pair was the largest.
    who = f", {pay['a']} / {pay['b']}" if pay["value"] > 0 else ""
    yield (
        f"{_mark(pay)} Mean pay of the first five careers differs by at most"
        f" {pay['value']:.2%}{who} (limit {pay['limit']:.0%}){left}.{unmasked}"
    )


def group_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The report of `groups.judge`."""
    yield (
        f"Labelled groups: {found['judged']:,} of {found['rows']:,} rows judged, names of careers"
        " masked."
    )
    yield from account(found["unread"])
    for group, share in found["groups"].items():
        yield f"    {group:<24} top-1 accuracy {measured(share)}"
    if found["too_few"]:
        few = ", ".join(f"{group} ({size})" for group, size in found["too_few"].items())
        yield f"    not judged, fewer than {found['least']['group']} rows: {few}"
    gap, ratio = found["gap"], found["ratio"]
    yield (
        f"{_mark(gap)} gap in top-1 accuracy {number_interval(gap, 3)}, {gap['best']} over"
        f" {gap['worst']} (limit {gap['limit']:.2f})"
    )
    yield (
        f"{_mark(ratio)} impact ratio of top-1 accuracy {number_interval(ratio, 2)}"
        f" (four-fifths rule: {ratio['limit']:.2f})"
    )
    worst = sorted(
        # False sorts before True: flagged careers come first, then the lowest ratio.
        found["careers"],
        key=lambda entry: (entry["passed"], float(entry["ratio"]["value"])),
    )[:5]
    if worst:
        yield (
            f"  careers named first least evenly, of {len(found['careers'])} with"
            f" {found['least']['career']} first answers or more:"
        )
    for entry in worst:
        own = entry["ratio"]
        rows = f"in the rows themselves {entry['labels_ratio']:.2f}"
        yield (
            f"  {_mark(entry)} {entry['career']:<28} {number_interval(own, 2)}, {own['worst']} to"
            f" {own['best']}; {rows}"
        )
    if found["careers_too_few"]:
        yield (
            f"    not judged, fewer than {found['least']['career']} first answers:"
            f" {found['careers_too_few']} careers"
        )
    yield ""
