"""An audit in plain words: one screen for the terminal, the same lines for the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vocation.serving.inputs import account

SAID = {
    "names listed": "first name, in the masking list",
    "names not listed": "first name, in no list",
    "pronouns": "she, he, they; mother, father ...",
}
NOT_SAID = (
    "Not measured: dialect, age, school, place, other languages, whatever else tells who somebody"
    " is. No audit shows that a model is fair."
)


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The report of `audit`, or of its small form in the metadata."""
    names = sum(sum(group.values()) for group in found["names"].values())
    groups = len(found["names"])
    yield (
        f"The same text, said by somebody else: {found['texts']:,} generated texts (seed"
        f" {found['seed']}), {names} first names of {groups} groups."
    )
    yield (
        f"Names, titles and gendered words are {'masked' if found['masking'] else 'NOT masked'}"
        " before this bundle reads a text."
    )
    beside = found.get("beside")
    yield ""
    yield (
        f"  {'what is swapped':<34}{'first answer flips':<22}{'limit':<8}{'probability moves':<19}"
        + (_other(found) if beside else "")
    )
    for kind, entry in found["kinds"].items():
        other = _beside(beside["kinds"][kind]) if beside else ""
        yield (
            f"{_mark(entry)}"
            f" {SAID[kind]:<34}{_flips(entry):<22}{entry['limit']:<8.1%}"
            f"{entry['change']['value']:<19.4f}{other}".rstrip()
        )
    yield f"  {'':<64}(limit {found['kinds']['pronouns']['change_limit']})"
    places = found["kinds"]["names not listed"]["by_place"]
    said = ", ".join(
        f"{place} {share['value']:.1%} ({share['n']} texts)" for place, share in places.items()
    )
    yield f"    a name in no list, by where it stands: {said}"
    yield from _pairs(found)
    yield from _pay(found["pay"], beside)
    yield ""


def verdict(found: Mapping[str, Any]) -> str:
    """The last word, which is never more than what was measured."""
    passed = found["passed"] and found.get("groups", {"passed": True})["passed"]
    kept = (
        "All limits kept."
        if found["texts"] >= found["enough"]
        else f"No limit is broken by more than chance; {found['texts']} texts cannot tell more."
    )
    return f"{kept if passed else 'FLAGGED: at least one limit is not kept.'}\n{NOT_SAID}"


def _other(found: Mapping[str, Any]) -> str:
    return f"{'not masked' if found['masking'] else 'masked'} ({found['beside']['texts']} texts)"


def _mark(entry: Mapping[str, Any]) -> str:
    return " " if entry["passed"] else "!"


def _flips(entry: Mapping[str, Any]) -> str:
    flips = entry["flips"]
    return f"{flips['value']:.1%} ({flips['low']:.1%} to {flips['high']:.1%})"


def _beside(entry: Mapping[str, Any]) -> str:
    return f"{entry['flips']['value']:.1%}, {entry['change']['value']:.3f}"


def _pairs(found: Mapping[str, Any]) -> Iterator[str]:
    """For each kind of swap the pairs that differ most."""
    if not all("pairs" in entry for entry in found["kinds"].values()):
        return
    yield ""
    yield "  most affected pairs, first answers that flip (95 % interval):"
    for kind, entry in found["kinds"].items():
        for pair in sorted(entry["pairs"], key=lambda pair: -float(pair["flips"]["value"]))[:2]:
            flips = pair["flips"]
            yield (
                f"    {kind:<17} {pair['a']} / {pair['b']}: {flips['value']:.1%}"
                f" ({flips['low']:.1%} to {flips['high']:.1%})"
            )


def _pay(pay: Mapping[str, Any], beside: Mapping[str, Any] | None) -> Iterator[str]:
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
    other = f" (masking the other way: {beside['pay']['value']:.1%})" if beside else ""
    who = f", {pay['a']} / {pay['b']}" if pay["value"] > 0 else ""
    yield (
        f"{_mark(pay)} Mean pay of the first five careers differs by at most"
        f" {pay['value']:.2%}{who} (limit {pay['limit']:.0%}){left}.{other}"
    )


def group_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The report of `groups.judge`."""
    yield (
        f"Labelled groups: {found['judged']:,} of {found['rows']:,} rows judged, names of careers"
        " masked."
    )
    yield from account(found["unread"])
    for group, share in found["groups"].items():
        yield (
            f"    {group:<24} first answer right {share['value']:.1%} ({share['low']:.1%} to"
            f" {share['high']:.1%}, n = {share['n']:,})"
        )
    if found["too_few"]:
        few = ", ".join(f"{group} ({size})" for group, size in found["too_few"].items())
        yield f"    not judged, fewer than {found['least']['group']} rows: {few}"
    gap, ratio = found["gap"], found["ratio"]
    yield (
        f"{_mark(gap)} gap in right first answers {_of(gap, '.3f')}, {gap['best']} over"
        f" {gap['worst']} (limit {gap['limit']:.2f})"
    )
    yield (
        f"{_mark(ratio)} impact ratio of right answers {_of(ratio, '.2f')} (four-fifths rule:"
        f" {ratio['limit']:.2f})"
    )
    worst = sorted(
        found["careers"], key=lambda entry: (entry["passed"], float(entry["ratio"]["value"]))
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
            f"  {_mark(entry)} {entry['career']:<28} {_of(own, '.2f')}, {own['worst']} to"
            f" {own['best']}; {rows}"
        )
    if found["careers_too_few"]:
        yield (
            f"    not judged, fewer than {found['least']['career']} first answers:"
            f" {found['careers_too_few']} careers"
        )
    yield ""


def _of(entry: Mapping[str, float], digits: str) -> str:
    return f"{entry['value']:{digits}} ({entry['low']:{digits}} to {entry['high']:{digits}})"
