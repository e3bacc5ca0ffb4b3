"""The examples that a training part gives: rows in each form, variants, and careers' names.

Oversampling repeats examples so that careers are balanced. The names are learned so that "I want to
be an electrician" is understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from imblearn.over_sampling import RandomOverSampler
from numpy.typing import NDArray

from vocation.augment import AugmentationReport, Variant, variants
from vocation.config import TrainConfig
from vocation.data.dataset import Dataset
from vocation.text.clean import mask_role

Ints = NDArray[np.int64]

_NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class TrainingExamples:
    """Positions of what is learned, and the `labels` of all in that order.

    `masked` and `plain` are rows in that form, `variants` texts of `ExtraExamples`.
    """

    masked: Ints
    plain: Ints
    variants: Ints
    labels: Ints


@dataclass(frozen=True)
class ExtraExamples:
    """What is learned in addition to the rows: `texts` (m) with their `labels` (m).

    Variants, role names masked, are learned with the row that they rephrase (`rows`, m) and never
    without it; the careers' names belong to no row (-1) and are always learned. `oversample`, with
    `seed`: whether examples of rare careers are repeated.
    """

    rows: Ints = field(default_factory=lambda: _NONE)
    labels: Ints = field(default_factory=lambda: _NONE)
    texts: tuple[str, ...] = ()
    oversample: bool = False
    seed: int = 0

    def examples(
        self, chosen: Ints, labels: Ints, names_role: NDArray[np.bool_], names: bool = True
    ) -> TrainingExamples:
        """The examples of the rows `chosen`, and the careers' names, if `names`.

        `labels` (n) and `names_role` (n: does the text contain the name of its role?) are those of
        all rows. A row without its role's name has one form only.
        """
        forms = [
            chosen,
            # The plain form differs from the masked one only where the text names its role.
            chosen[names_role[chosen]],
            # Variants of the chosen rows, and the careers' names (-1).
            np.flatnonzero(np.isin(self.rows, chosen) | ((self.rows < 0) & names)),
        ]
        own = [labels[forms[0]], labels[forms[1]], self.labels[forms[2]]]
        if self.oversample:
            forms, own = _oversampled(forms, own, self.seed)
        return TrainingExamples(forms[0], forms[1], forms[2], np.concatenate(own))


def _oversampled(forms: list[Ints], labels: list[Ints], seed: int) -> tuple[list[Ints], list[Ints]]:
    """Repeat examples at random until every career has as many as the most frequent one."""
    together = np.concatenate(labels)
    # RandomOverSampler refuses a single class.
    if len(np.unique(together)) < 2:
        return forms, labels
    drawn, _ = RandomOverSampler(random_state=seed).fit_resample(
        # It wants a table (n, 1): the positions are its only column, so it returns what it drew.
        np.arange(len(together))[:, None],
        together,
    )
    # The drawn positions are of all forms joined: cut them at the ends, count from each start.
    ends = np.cumsum([len(form) for form in forms])
    places = np.split(np.sort(drawn[:, 0]), np.searchsorted(np.sort(drawn[:, 0]), ends[:-1]))
    places = [place - start for place, start in zip(places, [0, *ends[:-1]], strict=True)]
    return [form[place] for form, place in zip(forms, places, strict=True)], [
        own[place] for own, place in zip(labels, places, strict=True)
    ]


def extra_examples(data: Dataset, config: TrainConfig) -> tuple[ExtraExamples, AugmentationReport]:
    """Make the extra examples that `config` asks for, with a report of the augmentation.

    Variants are made of every row, but learned only where their row is: none is a near-duplicate of
    any row of the data, held out or not.
    """
    made = [Variant(row, "given", text) for row, text in data.variants]
    report, oversample = AugmentationReport(), config.balance == "oversample"
    if config.augment != "none":
        wanted = round((config.augment_factor - 1) * len(data.texts))
        more, report = variants(
            data.texts,
            [data.roles[label] for label in data.labels],
            wanted,
            config.augment,
            config.seed,
        )
        made += more
    rows = np.array([variant.row for variant in made], np.int64)
    texts = tuple(mask_role(variant.text, data.roles[data.labels[variant.row]]) for variant in made)
    careers = np.arange(len(data.roles))
    return (
        ExtraExamples(
            # Variants first, then the careers' names: rows, labels and texts in the same order.
            np.r_[rows, np.full(len(careers), -1)],
            np.r_[data.labels[rows], careers],
            (*texts, *data.roles),
            oversample,
            config.seed,
        ),
        report,
    )


def class_weights(labels: Sequence[int] | Ints, classes: int) -> NDArray[np.float32]:
    """Loss weights (classes,) that make all careers count the same; their mean over examples is 1.

    Careers without examples get 1.
    """
    counts = np.bincount(np.asarray(labels), minlength=classes)
    present: Any = counts > 0
    weights = np.ones(classes, np.float32)
    # n / (careers * count): summed over all examples this is n, hence a mean of 1.
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return weights
