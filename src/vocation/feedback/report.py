"""What the feedback says: how often seekers agree, by how sure the model was; what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from vocation.feedback.review import waiting
from vocation.feedback.store import FEWEST_SESSIONS, Kept, Store
from vocation.format import counted, interval, table
from vocation.metrics import CONFIDENCES, wilson

_MOST = 10  # careers that are listed
_WIDTH = 50  # characters of the plot: two points of a hundred each


def report(store: Store, bundle: str = "") -> dict[str, Any]:
    """Counts, shares by confidence, careers that do not fit and missing ones, ready for JSON.

    With `bundle` only of what was said of its answers. Missing careers are those of all bundles.
    """
    rows = [row for row in store.rows() if bundle in ("", row.bundle)]
    return {
        "rows": len(rows),
        "days": [rows[0].day, rows[-1].day] if rows else [],
        "fits": _fits(rows),
        "with_text": sum(bool(row.text) for row in rows),
        "waiting": len(waiting(rows)),
        "added": sum(row.review == "added" for row in rows),
        "bundles": {
            name: _fits([row for row in rows if row.bundle == name])
            for name in dict.fromkeys(row.bundle for row in rows)
        },
        "decisions": dict(Counter(row.decision for row in rows).most_common()),
        "by_confidence": by_confidence(rows),
        "does_not_fit": _misfits(rows),
        "missing": store.missing(),
    }


def by_confidence(rows: Sequence[Kept]) -> list[dict[str, float]]:
    """The share of "fits" in each band of confidence, with its interval, n and the mean confidence.

    Of sure answers alone: an unsure one shows no percentage. Bands without rows are left out; they
    are those of a bundle's receipts.
    """
    found = []
    for low, high in pairwise(CONFIDENCES):
        # A band holds its lower edge, the last one also its upper.
        inside = [
            row
            for row in rows
            if row.decision == "match"
            and (low <= row.confidence < high or row.confidence == high == 1)
        ]
        if inside:
            mean = sum(row.confidence for row in inside) / len(inside)
            found.append({"from": low, "to": high, "confidence": mean, **_fits(inside)})
    return found


def _fits(rows: Sequence[Kept]) -> dict[str, float]:
    """The share of "fits" as `metrics.share` has it; NaN is no JSON, so 0 where n is 0."""
    n, hits = len(rows), sum(row.verdict == "fits" for row in rows)
    low, high = wilson(hits, n)
    return {"value": hits / n if n else 0.0, "low": low, "high": high, "n": n}


def _misfits(rows: Sequence[Kept]) -> list[dict[str, Any]]:
    """The careers that most often do not fit, with how often of how many."""
    of = Counter(row.career for row in rows)
    times = Counter(row.career for row in rows if row.verdict != "fits")
    order = sorted(times, key=lambda name: (-times[name], of[name], name))[:_MOST]
    return [{"career": name, "times": times[name], "of": of[name]} for name in order]


def lines(found: Mapping[str, Any]) -> list[str]:
    """The report for a terminal."""
    if not found["rows"] and not found["missing"]:
        return ["No feedback yet."]
    told = []
    if found["rows"]:
        first, last = found["days"]
        told += [
            f"{counted(found['rows'], 'verdicts are kept')}, {first} to {last}:"
            f" {interval(found['fits'])} say that the career fits.",
            f"{found['with_text']:,} with a text, {found['waiting']:,} of them to review;"
            f" {found['added']:,} added to the data.",
        ]
        if len(found["bundles"]) > 1:
            told += [
                f"  bundle {name}: {interval(one)}, n = {one['n']:,}"
                for name, one in found["bundles"].items()
            ]
    if found["by_confidence"]:
        told += ["", *plot(found["by_confidence"])]
    if found["does_not_fit"]:
        told += ["", "Said most often not to fit:"]
        rows = [(one["career"], str(one["times"]), str(one["of"])) for one in found["does_not_fit"]]
        told += table([("career", "times", "of"), *rows])
    if found["missing"]:
        told += ["", f"Named and not in the list ({FEWEST_SESSIONS} sessions or more):"]
        told += [f"  {title}: {count:,}" for title, count in found["missing"].items()]
    return told


def plot(bands: Sequence[Mapping[str, float]]) -> list[str]:
    """Shares of "fits" against confidence as lines of text: o the share, - its interval, | what the
    model said.
    """
    head = f"{'confidence':>12}  0 %{'50 %':>{_WIDTH // 2 - 1}}{'100 %':>{_WIDTH // 2}}  fits"
    return [head, *map(_line, bands), f"{'':14}o says it fits, - 95 % interval, | the model's own"]


def _line(band: Mapping[str, float]) -> str:
    cells = [" "] * (_WIDTH + 1)
    low, at, high, model = (
        round(_WIDTH * band[key]) for key in ("low", "value", "high", "confidence")
    )
    cells[low : high + 1] = "-" * (high + 1 - low)
    cells[model] = "|"
    cells[at] = "o"
    name = f"{100 * band['from']:.0f} to {100 * band['to']:.0f} %"
    return f"{name:>12}  {''.join(cells)}  {band['value']:.0%} of {band['n']:,}"
