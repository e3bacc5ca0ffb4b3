"""Learn when none of the careers fits: from careers left out, and from texts of other occupations.

Both are texts about a person and work, so only the occupation tells them from those that fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from vocation.records import Career
from vocation.serving.background import WEIGHTS, features, score
from vocation.text.titles import Titles
from vocation.training.domain import package_rows

Floats = NDArray[np.floating[Any]]

_LOST = 0.08
"""Share of held-out right answers that the rule may turn into questions, for a catalogue that has
next to none of the official occupations; the more it has, the fewer people are in none. With 64
careers it was 1 to 6 % of real texts and texts by other hands, and of texts of people in none of
them 46 % were still matched, 75 % without the rule (docs/decisions.md, Abstention)."""

_LEFT_OUT, _OTHERS = 0.5, 0.5  # weight of the two kinds of texts that do not fit


class Background:
    """The titles and texts of occupations that a catalogue of `careers` does not have."""

    def __init__(
        self, careers: Sequence[Career], as_read: Callable[[list[str]], list[str]]
    ) -> None:
        """`as_read` makes of texts what the model reads."""
        known = Titles.of(careers)
        self.names = [one.name for one in careers]
        self.titles = known.others()
        rows = package_rows("training/outside.csv")
        self.texts = as_read(
            [row["text"] for row in rows if not known.has(row["title"], row["soc"])]
        )


def fit(
    probabilities: Floats, labels: NDArray[np.int64], near: Floats, far: Floats, others: Floats
) -> dict[str, float]:
    """Return the rule, by the names of `WEIGHTS`, that tells texts that fit from others.

    `probabilities` (n, classes) of held-out rows with the `labels` (n,); their cosines to the names
    of the careers `near` (n, classes) and to other titles `far` (n, titles); `others` (m, 3) are
    the features of texts of other occupations, none or many.
    """
    rows = np.arange(len(labels))
    fitting = features(near, far, probabilities.max(axis=1))
    # Each row once more, as if its career were not in the catalogue: its name is one of the others.
    rest = probabilities.copy()
    rest[rows, labels] = 0.0
    rest /= np.maximum(rest.sum(axis=1, keepdims=True), 1e-12)
    away = near.copy()
    away[rows, labels] = -1.0
    gone = near[rows, labels][:, None]
    left_out = features(away, np.concatenate([far, gone], axis=1), rest.max(axis=1))
    kinds = [(fitting, 1.0), (left_out, _LEFT_OUT), (others, _OTHERS)]
    table = np.concatenate([kind for kind, _ in kinds])
    # Each kind weighs the same, however many texts it has.
    weights = np.concatenate([np.full(len(kind), w / max(1, len(kind))) for kind, w in kinds])
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-9
    model = LogisticRegression().fit(
        (table - mean) / deviation,
        np.arange(len(table)) < len(fitting),
        sample_weight=weights * len(table) / weights.sum(),
    )
    slopes = model.coef_[0] / deviation
    rule = dict(zip(WEIGHTS, [*map(float, slopes), 0.0], strict=True))
    right = probabilities.argmax(axis=1) == labels
    # Squared: what a large catalogue leaves out is rarer, too. Beside 279 careers there are 44 % of
    # the official titles, with 7 % of the people.
    share = far.shape[1] / (near.shape[1] + far.shape[1])
    rule["bias"] = -float(np.quantile(score(fitting[right], rule), _LOST * share**2))
    return rule
