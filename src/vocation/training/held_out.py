"""What the figures of a run rest on: its test part, or every row, held out in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.serving.model import fuse
from vocation.training import baselines
from vocation.training.calibrate import Calibration, learn
from vocation.training.fit import FittedModel
from vocation.training.heads import Floats, Ints
from vocation.training.in_turn import InTurn
from vocation.training.prepare import Prepared


@dataclass(frozen=True)
class Judged:
    """The rows (n,) that a run is judged by, and what it answers.

    `masked` and `plain` are the probabilities (n, classes) without and with the names of their
    roles, `mass` that of the prediction sets, one for all or one for each row (n, 1). `baselines`
    are the accuracies of simple methods on the same rows, `folds` how they were held out if they
    are no test part.
    """

    rows: Ints
    masked: Floats
    plain: Floats
    mass: float | Floats
    baselines: dict[str, Any]
    folds: dict[str, Any] | None = None


def judge(
    prepared: Prepared, model: FittedModel, calibration: Calibration, turns: InTurn | None
) -> Judged:
    """What the figures rest on: `turns` if there are some, else the test part, maybe empty."""
    if turns is not None:
        return _by_folds(prepared, model, turns)
    parts = prepared.split
    # Baselines have nothing to validate, so they may learn from that part too.
    seen = np.concatenate([parts.train, parts.validation])
    if not len(parts.test):
        nothing = np.zeros((0, len(prepared.data.roles)))
        return Judged(parts.test, nothing, nothing, calibration.set_threshold, {})
    masked, plain = (
        calibration.probabilities(model.row_scores(parts.test, masked=form))
        for form in (True, False)
    )
    compared = _baselines(prepared, model, [(seen, parts.test)])
    return Judged(parts.test, masked, plain, calibration.set_threshold, compared)


def _by_folds(prepared: Prepared, model: FittedModel, turns: InTurn) -> Judged:
    """Each fold's rows are calibrated on the other folds: else they would judge themselves."""
    labels, rows = prepared.data.labels, turns.rows
    shape = len(labels), len(prepared.data.roles)
    masked, plain, mass = np.zeros(shape), np.zeros(shape), np.zeros((len(labels), 1))
    for _, held in turns.folds:
        others = prepared.first_person_rows(np.setdiff1d(rows, held))
        scores = {name: table[others] for name, table in turns.masked.items()}
        own = int(prepared.is_own(others).sum())
        learnt = learn(scores, labels[others], own, few=True)
        mass[held] = learnt.set_threshold
        for probabilities, form in ((masked, turns.masked), (plain, turns.plain)):
            part = {name: table[held] for name, table in form.items()}
            probabilities[held] = fuse(part, learnt.weights, learnt.doubt)
    count = len(turns.folds)
    return Judged(
        rows,
        masked[rows],
        plain[rows],
        mass[rows],
        _baselines(prepared, model, turns.folds),
        {"count": count, "encoder_as_it_was": turns.tuned},
    )


def _baselines(
    prepared: Prepared, model: FittedModel, folds: list[tuple[Ints, Ints]]
) -> dict[str, Any]:
    labels = prepared.data.labels
    found: dict[str, list[NDArray[Any]]] = {}
    for learnt, held in folds:
        answers = baselines.answers(
            [prepared.masked[i] for i in learnt],
            labels[learnt],
            [prepared.masked[i] for i in held],
            model.vectors.similarity(model.vectors.masked[held]),
        )
        for name, table in answers.items():
            found.setdefault(name, []).append(metrics.ranks(table, labels[held]))
    places = {name: np.concatenate(ranks) for name, ranks in found.items()}
    return {
        name: {"accuracy": metrics.share(place == 1), "top_3": metrics.share(place <= 3)}
        for name, place in places.items()
    }
