"""Whether a model's answers betray which texts it learnt from: a guess by confidence, measured on
training rows and held-out ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics

CAUTION = 0.7
"""Share of pairs guessed right from which the card warns. A coin has .5; at .7 an answer says more
about having been learnt than about chance.
"""

FEWEST = 20
"""Rows on each side below which nothing is measured: the interval would go from nothing to
everything.
"""

_ALARMS = 0.05  # false alarms that a careful guesser allows himself


def measure(
    learnt: NDArray[Any],
    learnt_labels: NDArray[Any],
    held: NDArray[Any],
    held_labels: NDArray[Any],
    rows: str,
) -> dict[str, Any] | None:
    """How well confidence tells learnt texts from held-out ones: probabilities (n, classes) and
    labels (n,) of both; None where they are too few.

    `true_career` guesses by the probability of the right career (a threshold on the loss is the
    same guess), `first_answer` by the highest one; each is the share of pairs, one text learnt and
    one not, in which the learnt one has the higher number (area under the ROC curve). `found` is
    the share of learnt texts that the better of both recognises with 5 % false alarms. `rows` says
    which kinds of row these are.
    """
    if min(len(learnt), len(held)) < FEWEST:
        return None
    own = [
        table[np.arange(len(labels)), labels]
        for table, labels in ((learnt, learnt_labels), (held, held_labels))
    ]
    first = [table.max(axis=1) for table in (learnt, held)]
    found = max(
        (metrics.share(a > np.quantile(b, 1 - _ALARMS)) for a, b in (own, first)),
        key=lambda entry: entry["value"],
    )
    return {
        "rows": rows,
        "true_career": metrics.auc(*own),
        "first_answer": metrics.auc(*first),
        "found": found,
    }


def best(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The better one of the two guesses."""
    return max(
        (found["true_career"], found["first_answer"]), key=lambda entry: float(entry["value"])
    )


def warned(found: Mapping[str, Any]) -> bool:
    """Whether the better guess reaches CAUTION."""
    return float(best(found)["value"]) >= CAUTION


def lines(found: Mapping[str, Any] | None) -> Iterator[str]:
    """What `measure` found, in sentences for a maker."""
    if found is None:
        yield (
            "Whether answers betray the rows it learnt from could not be measured: too few rows are"
            " held out."
        )
        return
    guess, recognised = best(found), found["found"]["value"]
    whose = "people's own words" if found["rows"] == "profiles" else "rows of all kinds"
    yield (
        "Somebody who has a text and asks the model about it guesses right whether it was learnt"
        f" in {guess['value']:.0%} of pairs (95 % interval {guess['low']:.0%} to"
        f" {guess['high']:.0%}; a coin: 50 %). Allowing 5 % false alarms, that finds"
        f" {recognised:.0%} of the learnt ones. Measured on {guess['members']:,} learnt and"
        f" {guess['others']:,} held-out texts ({whose}), before the last fit on all rows."
    )
    if warned(found):
        yield (
            f"CAUTION: {CAUTION:.0%} or more. Give this bundle only to people who may know whose"
            " texts are in the data, or train again as docs/privacy.md says."
        )


def limit(found: Mapping[str, Any]) -> str:
    """The sentence for the known limits, where `warned`."""
    share = f"{best(found)['value']:.0%}"
    return (
        f"Its confidence betrays which texts it learnt from (right in {share} of pairs, a coin: 50"
        " %): do not publish it if that must stay secret."
    )
