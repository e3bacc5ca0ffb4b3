"""Measuring: the figures of a fitted model on held-out rows, with baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import tasks as task_tables
from vocation.data.dataset import Dataset
from vocation.progress import NullProgress
from vocation.records import PROFILE_KINDS, SOURCES, Facts, Row
from vocation.reports import breakdown, card, diagnostics, privacy
from vocation.text.clean import label_key
from vocation.training import heads, tasks
from vocation.training.calibrate import Calibration
from vocation.training.fit import FittedModel
from vocation.training.held_out import Judged
from vocation.training.ngrams import counts
from vocation.training.prepare import Prepared


def measure(
    prepared: Prepared,
    model: FittedModel,
    calibration: Calibration,
    judged: Judged,
    preset: str,
    progress: NullProgress,
) -> dict[str, Any] | None:
    """The metrics of the rows `judged`, reported line by line; None where there are none.

    Scores come from the exported graph's vectors; `write.verify_export` checks the files later.
    """
    data = prepared.data
    if not len(judged.rows):
        _report(progress, card.headline(None))
        return None
    labels, seed = data.labels[judged.rows], prepared.config.seed
    place = metrics.ranks(judged.masked, labels)
    right = place == 1
    found = {
        "test": metrics.report(judged.masked, labels, judged.mass, seed),
        **({"folds": judged.folds} if judged.folds else {}),
        "unmasked": metrics.report(judged.plain, labels, judged.mass, seed),
        "by_confidence": metrics.by_confidence(judged.masked.max(axis=1), right),
        "by_source": by_source([data.rows[i] for i in judged.rows], right),
        **breakdown.measure(place, labels, data.roles, _facts(prepared)),
        **_by_origin(data, labels, place),
        "mixed_up": metrics.mixed_up(judged.masked.argmax(axis=1), labels, data.roles),
        "baselines": judged.baselines,
        "membership": _membership(prepared, model, calibration),
    }
    notes = diagnostics.read(
        model.history,
        len(data.labels),
        prepared.config.to_dict(),
        preset,
        len(data.roles),
        prepared.unknown_languages(),
    )
    _report(progress, [*card.headline(found), *diagnostics.lines(notes)])
    return found


def by_source(rows: Sequence[Row], right: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """The share of `rows` whose first answer is `right` (n,), for each kind that is there."""
    kinds = np.array([row.kind for row in rows])
    order = (*SOURCES, *PROFILE_KINDS.values())
    return {kind: metrics.share(right[kinds == kind]) for kind in order if (kinds == kind).any()}


def _facts(prepared: Prepared) -> dict[str, Facts]:
    careers = prepared.data.careers.items()
    return {name: career.facts for name, career in careers if career.facts is not None}


def _by_origin(data: Dataset, labels: metrics.Ints, ranks: metrics.Ints) -> dict[str, Any]:
    """The accuracy on the user's careers and on the default ones, where both were trained.

    `labels` (n) of the test rows, and their `ranks` (n) in the answers. A side without test rows
    has no figures.
    """
    if data.report.additions is None:
        return {}
    own = set(map(label_key, data.report.additions.careers))
    is_own = np.array([label_key(role) in own for role in data.roles])[labels]
    sides = {"own": ranks[is_own], "default": ranks[~is_own]}
    return {
        "by_origin": {
            side: {"accuracy": metrics.share(places == 1), "top_3": metrics.share(places <= 3)}
            for side, places in sides.items()
            if len(places)
        }
    }


def evaluate_tasks(
    prepared: Prepared, model: FittedModel, calibration: Calibration, progress: NullProgress
) -> dict[str, Any]:
    """The metrics of skills and pay, which are learned beside the careers without touching them."""

    def answer(texts: list[str]) -> heads.Floats:
        # The same masking of persons as in training and serving.
        read = prepared.as_read(texts)
        features = model.shipped.encode(read, NullProgress())
        return calibration.probabilities(model.scores(features, counts(read)))

    masked = model.vectors.masked
    found = tasks.judge(prepared.data, prepared.split, masked, answer, prepared.config.seed)
    _report(progress, ["", *task_tables.lines(found)])
    return found


def _membership(
    prepared: Prepared, model: FittedModel, calibration: Calibration
) -> dict[str, Any] | None:
    """How far confidence separates training rows from held-out ones, as they were written.

    Measured on people's own words (profiles) where there are enough of them.
    """
    labels, test, train = prepared.data.labels, prepared.split.test, prepared.split.train
    # Only careers that both parts hold: else the career itself would tell the parts apart.
    train = train[~prepared.public[train] & np.isin(labels[train], labels[test])]
    profiles = [part[prepared.is_profile(part)] for part in (train, test)]
    kind, parts = "profiles", profiles
    # Both parts need enough profiles, since the two are compared.
    if min(map(len, profiles)) < privacy.FEWEST:
        kind, parts = "all", [train, test]
    learned, held = (
        calibration.probabilities(model.row_scores(part, masked=False)) for part in parts
    )
    return privacy.measure(learned, labels[parts[0]], held, labels[parts[1]], kind)


def _report(progress: NullProgress, lines: Any) -> None:
    for line in lines:
        progress.line(line)
