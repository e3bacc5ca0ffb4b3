"""Membership inference: how well confidence tells training texts from held-out ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.format import rate

CAUTION = 0.7
"""Share of pairs guessed right from which the card warns. Chance level is .5; from .7 on membership
explains more of an answer's confidence than chance does.
"""

FEWEST = 20
"""Rows on each side below which nothing is measured: the interval would be nearly 0 to 1."""

_FALSE_ALARMS = 0.05  # false positive rate at which the true positive rate is reported


def measure(
    learnt: NDArray[Any],
    learnt_labels: NDArray[Any],
    held: NDArray[Any],
    held_labels: NDArray[Any],
    rows: str,
) -> dict[str, Any] | None:
    """Measure two membership inference attacks, or return None where either side has too few rows.

    learnt, held: probabilities (n, classes) of training and of held-out texts; their labels are
    (n,). rows: the kind of row that these are, for the report.

    `true_career` guesses by the probability of the right career (the same as a threshold on the
    loss: Yeom et al., CSF 2018), `first_answer` by the highest probability. Each is the area under
    the ROC curve: the share of pairs of a training and a held-out text in which the training text
    has the higher number. `found` is the share of training texts that the better attack recognises
    at 5 % false positives.
    """
    if min(len(learnt), len(held)) < FEWEST:
        return None
    own = [
        # (n,): the probability of each row's own career.
        table[np.arange(len(labels)), labels]
        for table, labels in ((learnt, learnt_labels), (held, held_labels))
    ]
    first = [table.max(axis=1) for table in (learnt, held)]
    found = max(
        # The threshold that 5 % of the held-out texts exceed; how many training texts exceed it.
        (metrics.share(a > np.quantile(b, 1 - _FALSE_ALARMS)) for a, b in (own, first)),
        key=lambda entry: entry["value"],
    )
    return {
        "rows": rows,
        "true_career": metrics.auc(*own),
        "first_answer": metrics.auc(*first),
        "found": found,
    }


def best(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The better one of the two attacks."""
    return max(
        (found["true_career"], found["first_answer"]), key=lambda entry: float(entry["value"])
    )


def warned(found: Mapping[str, Any]) -> bool:
    """Whether the better attack reaches CAUTION."""
    return float(best(found)["value"]) >= CAUTION


def lines(found: Mapping[str, Any] | None) -> Iterator[str]:
    """What `measure` found, in sentences."""
    if found is None:
        yield (
            "Membership inference (whether answers reveal the training rows) could not be measured:"
            " too few rows are held out."
        )
        return
    attack = best(found)
    whose = "people's own words" if found["rows"] == "profiles" else "rows of all kinds"
    yield (
        "Membership inference: somebody who has a text and asks the model about it can tell a"
        f" training text from another one in {rate(attack['value'], 0)} of pairs (95 % interval"
        f" {rate(attack['low'], 0)} to {rate(attack['high'], 0)}; chance level 50 %). With 5 %"
        f" false positives, that finds {rate(found['found']['value'], 0)} of the training texts."
        f" Measured on {attack['members']:,} training and {attack['others']:,} held-out texts"
        f" ({whose}), before the last fit on all rows."
    )
    if warned(found):
        yield (
            f"CAUTION: {CAUTION:.0%} or more. Give this bundle only to people who may know whose"
            " texts are in the data, or train again as docs/privacy.md advises."
        )


def limit(found: Mapping[str, Any]) -> str:
    """The sentence for the known limits, where `warned`."""
    return (
        "Its confidence reveals which texts it was trained on (membership inference:"
        f" {rate(best(found)['value'], 0)} of pairs, chance level 50 %): do not publish it if that"
        " must stay secret."
    )
