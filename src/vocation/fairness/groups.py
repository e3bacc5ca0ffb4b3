"""Group fairness on labelled rows: true-positive gap and impact ratio, with intervals.

A group, or a career within a group, that has few rows is not judged, and the report names it.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.errors import DataError
from vocation.progress import NullProgress
from vocation.serving.answers import CHUNK
from vocation.serving.inputs import InputTable, read
from vocation.serving.recommend import Recommender
from vocation.text.clean import label_key, mask_role, plain_text

GAP, FOUR_FIFTHS = 0.10, 0.80
"""Largest gap between groups in top-1 accuracy; lowest impact ratio (four-fifths rule: US Uniform
Guidelines, 29 CFR 1607.4 D).
"""

LEAST_GROUP, LEAST_CAREER = 30, 20
"""Least rows of a group, and first answers of a career, to be judged: fewer tell nearly nothing."""


def judge(
    recommender: Recommender,
    source: str | Path,
    text_column: str,
    label_column: str,
    group_column: str,
    progress: NullProgress | None = None,
) -> dict[str, Any]:
    """Compare the groups on the rows of the file `source`, with the names of careers masked.

    Returns plain values for JSON. Raises DataError where fewer than two groups have enough rows.
    """
    table = read(Path(source), [text_column, label_column, group_column])
    # Labels are compared as training compares them: case and spacing do not count.
    index = {label_key(name): i for i, name in enumerate(recommender.classes)}
    rows, unread = _read_rows(table)
    known = [
        (text, index[label_key(label)], group)
        for text, label, group in rows
        if text and group and label_key(label) in index
    ]
    sizes = Counter(group for _, _, group in known)
    # Sorted, so that ties between groups are settled the same way in every run.
    judged = sorted(group for group, size in sizes.items() if size >= LEAST_GROUP)
    if len(judged) < 2:
        found = ", ".join(f"{group} {size}" for group, size in sizes.most_common(8)) or "none"
        raise DataError(
            f"{Path(source).name}: expected at least two groups with {LEAST_GROUP} rows or more"
            f" that have a text and one of the bundle's careers; found {found}"
        )
    # As in the published accuracy: with the name in the text the answer is too easy.
    texts = [mask_role(plain_text(text), recommender.classes[label]) for text, label, _ in known]
    firsts = _first_answers(recommender, texts, progress or NullProgress())
    labels = np.array([label for _, label, _ in known])
    places = {
        group: np.array([i for i, (_, _, own) in enumerate(known) if own == group])
        for group in judged
    }
    right = {group: metrics.share(firsts[own] == labels[own]) for group, own in places.items()}
    gap = _gap(right)
    ratio = _ratio(right)
    careers = [
        entry
        for c, name in enumerate(recommender.classes)
        if (entry := _career(name, c, firsts, labels, places))
    ]
    return {
        "rows": len(rows) + len(unread),
        "unread": unread,
        "judged": int(sum(len(own) for own in places.values())),
        "groups": right,
        "too_few": {group: size for group, size in sizes.items() if size < LEAST_GROUP},
        "gap": gap,
        "ratio": ratio,
        "careers": careers,
        "careers_too_few": len(recommender.classes) - len(careers),
        "least": {"group": LEAST_GROUP, "career": LEAST_CAREER},
        "passed": gap["passed"] and ratio["passed"] and all(entry["passed"] for entry in careers),
    }


def _read_rows(table: InputTable) -> tuple[list[list[str]], list[str]]:
    """Cells of the asked columns, row by row, and the reason of every row that has none."""
    rows: list[list[str]] = []
    unread: list[str] = []
    for row in table:
        if row.issue is None:
            rows.append([value.strip() for value in table.values(row)])
        else:
            unread.append(str(row.issue))
    return rows, unread


def _first_answers(
    recommender: Recommender, texts: list[str], progress: NullProgress
) -> NDArray[np.int64]:
    """The number of the most probable career of each text (n,)."""
    parts = []
    with progress.bar("asking", len(texts)) as bar:
        for start in range(0, len(texts), CHUNK):
            parts.append(recommender.probabilities(texts[start : start + CHUNK]).argmax(axis=1))
            bar.update(len(parts[-1]))
    return np.concatenate(parts)


def _gap(shares: dict[str, dict[str, float]]) -> dict[str, Any]:
    """The largest difference between two groups' shares, with Newcombe's interval for differences
    of shares (Statistics in Medicine 1998).

    Flagged only where the interval excludes 0: otherwise it may be chance.
    """
    best = max(shares, key=lambda group: shares[group]["value"])
    worst = min(shares, key=lambda group: shares[group]["value"])
    one, two = shares[best], shares[worst]
    value = one["value"] - two["value"]
    # Each end joins the distances of the two Wilson intervals that point to it.
    low = value - math.hypot(one["value"] - one["low"], two["high"] - two["value"])
    high = value + math.hypot(one["high"] - one["value"], two["value"] - two["low"])
    return {
        "value": value,
        "low": low,
        "high": high,
        "best": best,
        "worst": worst,
        "limit": GAP,
        # Two conditions: a large gap that may be chance passes, and a sure one that is small.
        "passed": not (value > GAP and low > 0),
    }


def _ratio(shares: dict[str, dict[str, float]]) -> dict[str, Any]:
    """The lowest group's share over the highest one's, with Katz's interval of a ratio of shares
    (Biometrics 1978), half a row added to each.
    """
    best = max(shares, key=lambda group: shares[group]["value"])
    worst = min(shares, key=lambda group: shares[group]["value"])
    one, two = shares[best], shares[worst]
    # Where no group has a hit, all groups are treated alike.
    value = two["value"] / one["value"] if one["value"] else 1.0
    # Without the half row a group with no hit would divide by 0.
    hits = [own["value"] * own["n"] + 0.5 for own in (two, one)]
    # The interval is symmetric on the logarithm of the ratio, hence the factors exp(±spread).
    spread = 1.96 * math.sqrt(
        sum(1 / hit - 1 / (own["n"] + 0.5) for hit, own in zip(hits, (two, one), strict=True))
    )
    low, high = value * math.exp(-spread), value * math.exp(spread)
    return {
        "value": value,
        "low": low,
        "high": high,
        "best": best,
        "worst": worst,
        "limit": FOUR_FIFTHS,
        "passed": not (value < FOUR_FIFTHS and high < 1),
    }


def _career(
    name: str, c: int, firsts: NDArray[Any], labels: NDArray[Any], places: dict[str, NDArray[Any]]
) -> dict[str, Any] | None:
    """How often a career is first answer, and label, in each group; None for few answers."""
    everybody = np.concatenate(list(places.values()))
    # Rows of groups that are too small do not count here either.
    if (firsts[everybody] == c).sum() < LEAST_CAREER:
        return None
    answered = {group: metrics.share(firsts[own] == c) for group, own in places.items()}
    labelled = {group: float((labels[own] == c).mean()) for group, own in places.items()}
    ratio = _ratio(answered)
    top = max(labelled.values())
    own = (
        labelled[ratio["worst"]] / labelled[ratio["best"]] if labelled[ratio["best"]] else math.inf
    )
    # Where the labels are as uneven as the answers, the model only repeats the data: the report
    # shows both ratios and does not flag the career.
    passed = bool(ratio["passed"] or (top > 0 and own <= ratio["value"] / FOUR_FIFTHS))
    return {
        "career": name,
        "ratio": ratio,
        # The ratio may be infinite, which strict JSON cannot hold.
        "labels_ratio": min(own, 9.99),
        "answered": answered,
        "passed": passed,
    }
