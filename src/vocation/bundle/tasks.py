"""Pay and usual skills of the careers of a bundle: how they are stored, used and reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.data.pay import QUANTILES
from vocation.errors import BundleError
from vocation.format import number_interval, rate
from vocation.records import Pay

LEAST_SHARE = 0.2
"""Probability from which a skill that a text does not name is suggested."""

_MOST_LOG = 35.0  # of the pay of a year: more than any currency has, less than int64 holds
_MOST = 5  # suggestions for a text
_LEAST_CAREER = 0.01  # probability below which a career suggests nothing


@dataclass(frozen=True)
class Estimator:
    """Pay from a job's text.

    Quantiles of its logarithm are `offsets` (careers) plus `weights` (3, features) times the
    features plus `bias` (3).
    """

    offsets: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    currency: str
    source: str
    date: str

    def pay(self, features: NDArray[Any], c: int) -> Pay:
        """Estimate what a job of career `c` pays, from the `features` (features,) of its text."""
        # (3,) logarithms. Each quantile has its own weights, so they can cross: hence the sort.
        logs = np.sort(self.offsets[c] + self.weights @ features + self.bias)
        if not logs[-1] < _MOST_LOG:
            raise BundleError("the bundle's estimate of pay gives no possible figure: train again")
        low, middle, high = np.exp(logs).round(-2).astype(int).tolist()
        # Rounding to hundreds can make 0 of a small pay.
        return Pay(max(1, middle), max(1, low), max(1, high), self.currency, self.source, self.date)


@dataclass(frozen=True)
class Tasks:
    """Pay and skills of the careers, from the user's own rows.

    `usual` is for each career the share of its rows that show a skill; `estimator` is there if it
    is useful.
    """

    pay: Mapping[str, Pay] = field(default_factory=dict)
    usual: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    estimator: Estimator | None = None


def suggest(
    probabilities: NDArray[Any],
    classes: Sequence[str],
    usual: Mapping[str, Mapping[str, float]],
    named: Collection[str],
) -> list[tuple[str, float]]:
    """Return skills that texts of the likely careers show, most likely first, with probabilities.

    `probabilities` (classes,) are those of the careers; the one returned with a skill is that of a
    similar text to name it. Skills that are `named`, for or against, are left out.
    """
    total: dict[str, float] = defaultdict(float)
    for c in np.flatnonzero(probabilities >= _LEAST_CAREER):
        for skill, share in usual.get(classes[int(c)], {}).items():
            # Probability of the career times the skill's share in it, summed over the careers.
            total[skill] += float(probabilities[c]) * share
    likely = [
        (skill, share)
        for skill, share in total.items()
        if share >= LEAST_SHARE and skill not in named
    ]
    return sorted(likely, key=lambda pair: (-pair[1], pair[0]))[:_MOST]


def from_json(value: Any, classes: Sequence[str]) -> Tasks:
    """Return the contents of tasks.json.

    Raises KeyError, TypeError, ValueError or AttributeError for another shape.
    """
    if not set(value["pay"]) | set(value["usual_skills"]) <= set(classes):
        raise ValueError("careers that the bundle does not have")
    usual = {
        career: {str(skill): _share(share) for skill, share in shares.items()}
        for career, shares in value["usual_skills"].items()
    }
    head = value["estimator"]
    return Tasks(
        {name: Pay.from_dict(entry) for name, entry in value["pay"].items()},
        usual,
        None if head is None else _estimator(head, len(classes)),
    )


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"expected a share from 0 to 1, found {value!r}")
    return float(value)


def _estimator(value: Mapping[str, Any], classes: int) -> Estimator:
    tables = [np.array(value[name]) for name in ("offsets", "weights", "bias")]
    shapes = [table.shape for table in tables]
    if any(
        table.dtype.kind not in "fi"
        or not np.isfinite(table).all()
        # No pay has a logarithm near 100. `initial`: max of an empty table would raise.
        or np.abs(table).max(initial=0) > 100
        for table in tables
    ):
        raise ValueError("expected numbers of the size of logarithms")
    if (
        # `load_models` compares the columns of the weights with the network's features.
        shapes[0] != (classes,)
        or len(shapes[1]) != 2
        or shapes[1][0] != len(QUANTILES)
        or shapes[2] != (len(QUANTILES),)
    ):
        raise ValueError("expected tables for three quantiles")
    words = [value[name] for name in ("currency", "source", "date")]
    if not all(isinstance(word, str) and word for word in words):
        raise ValueError("expected currency, source and date")
    offsets, weights, bias = (table.astype(np.float64) for table in tables)
    return Estimator(offsets, weights, bias, *words)


def lines(tasks: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the lines about skills and pay for terminal and card; `tasks` as in the metadata."""
    if tasks:
        yield from _skill_lines(tasks["skills"])
        yield from _pay_lines(tasks["pay"])


def _skill_lines(found: Mapping[str, Any]) -> Iterator[str]:
    if found["names"]:
        yield (
            f"Skills: {found['names']:,} names are looked up in a text;"
            f" {rate(found['rows_naming'], 0)} of the rows name one or more."
        )
        if "suggested" in found:
            yield (
                f"  suggested besides, from the likely careers, on {found['judged']:,} held-out"
                " rows with the names cut out (F1, precision, recall):"
            )
            for key, label in (("suggested", "by career"), ("frequent", "most frequent ones")):
                entry = found[key]
                shares = (
                    f"precision {rate(entry['precision'], 0)}, recall {rate(entry['recall'], 0)}"
                )
                yield f"    {label:<19} {number_interval(entry['f1'], 3)}; {shares}"
        yield f"  {found['verdict']}"


def _pay_lines(found: Mapping[str, Any]) -> Iterator[str]:
    if found["rows_with_pay"]:
        shown = (
            f"{found['careers_shown']:,}"
            f" {'career has' if found['careers_shown'] == 1 else 'careers have'}"
        )
        yield (
            f"Pay: {found['rows_with_pay']:,} rows in {found['currency']}; {shown} enough of them"
            " to be shown with the median."
        )
        if "head" in found:
            yield (
                f"  estimated from a job's text, on {found['judged']:,} held-out rows (pinball loss"
                " of log pay, smaller is better):"
            )
            for key, label in (
                ("head", "career and text"),
                ("median", "career's median"),
                ("mean", "career's mean"),
            ):
                entry = found[key]
                inside = (
                    f"off by {rate(entry['off_by'], 0)} in the middle, 10-90 % range holds"
                    f" {rate(entry['inside']['value'], 0)}"
                )
                yield f"    {label:<19} {number_interval(entry['pinball'], 4)}; {inside}"
        yield f"  {found['verdict']}"
