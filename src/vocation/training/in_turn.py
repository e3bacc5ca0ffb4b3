"""Few rows, each held out in turn.

A fifth of 60 rows is a dozen: their accuracy says next to nothing, and thresholds learned without
them are luck. So all rows are judged then, by heads of folds that have not seen them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocation.data.split import folds as make_folds
from vocation.progress import NullProgress
from vocation.training import heads
from vocation.training.fit import FittedModel
from vocation.training.heads import Ints, Scores
from vocation.training.prepare import Prepared
from vocation.training.schedule import best_steps

FOLDS = 10
"""Parts of few rows: nine tenths of them teach nearly as much as all, which the final model has."""


@dataclass(frozen=True)
class InTurn:
    """Few rows, each held out once.

    `folds` are pairs of the rows that teach and of those that are judged. `masked` and `plain` are
    the component scores (n, classes) of all rows, without and with the names of their roles, by
    heads that have not seen them. `tuned` says that the encoder of the model itself is another one:
    tuning it again for every fold would take hours.
    """

    folds: list[tuple[Ints, Ints]]
    masked: Scores
    plain: Scores
    tuned: bool

    @property
    def rows(self) -> Ints:
        """All rows that are judged, sorted."""
        return np.sort(np.concatenate([held for _, held in self.folds]))


def in_turn(
    prepared: Prepared, model: FittedModel, frozen: FittedModel, progress: NullProgress
) -> InTurn | None:
    """Score few rows by folds, with the encoder of `frozen`.

    None with rows enough for a test part, and where no row can be judged: a career needs as many
    texts as for a test part, and a row must not stand for the career itself.
    """
    data, config = prepared.data, prepared.config
    if not prepared.few or len(np.unique(data.groups)) < 2:
        return None
    parts = make_folds(data.labels, data.groups, FOLDS, config.seed)
    masked, plain = heads.out_of_fold(
        frozen.vectors, parts, config, best_steps(frozen.history), progress, plain=True
    )
    tested = ~prepared.public & ~np.isin(data.labels, prepared.split.rare)
    judged = [(learnt, held[tested[held]]) for learnt, held in parts if tested[held].any()]
    return InTurn(judged, masked, plain, model is not frozen) if judged else None
