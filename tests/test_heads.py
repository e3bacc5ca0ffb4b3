"""What is measured and what is calibrated was never seen by what is fitted (on random labels only a
leak can be right), and weights are just.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vocation
from vocation import TrainConfig
from vocation.data import split
from vocation.data.dataset import load
from vocation.progress import NullProgress
from vocation.serving.model import softmax
from vocation.training import calibrate, heads, prepare, run
from vocation.training.domain import DomainClassifier, default_cells
from vocation.training.heads import Vectors
from vocation.training.ngrams import counts


@pytest.fixture(scope="module")
def chance() -> Vectors:
    """80 rows of four careers: features in random directions, one word that no other row has, a
    label drawn at random.
    """
    rng = np.random.default_rng(0)
    tables = [
        (rng.normal(size=(n, 120)) / np.sqrt(120)).astype(np.float32) for n in (80, 4, 30, 30)
    ]
    words = counts([f"w{i * i}x{i}" for i in range(80)])
    rows, anchors, people, others = tables
    return Vectors(
        masked_ngrams=words,
        ngrams=words,
        names_role=np.zeros(80, bool),
        masked=rows,
        plain=rows,
        labels=rng.permutation(np.arange(80) % 4),
        careers=anchors[:, -40:],
        in_domain=people,
        out_of_domain=others,
        names=anchors[:, -40:],
        titles=others[:, -40:],
        others=people,
    )


def test_no_row_is_scored_by_what_has_seen_it(chance: Vectors) -> None:
    """By chance a quarter is right. What has seen the rows knows nearly all of them."""
    config = TrainConfig(hidden_dim=64, dropout=0.0, batch_size=16, head_learning_rate=0.01)
    everything = np.arange(80)
    folds = split.folds(chance.labels, everything, heads.FOLDS, seed=0)
    found = heads.out_of_fold(chance, folds, config, steps=40, progress=NullProgress(), plain=True)
    (seen,) = heads.out_of_fold(
        chance, [(everything, everything)], config, steps=40, progress=NullProgress()
    )
    for name in ("classifier", "ngrams"):
        for form in found:
            assert (form[name].argmax(axis=1) == chance.labels).mean() < 0.5
        assert (seen[name].argmax(axis=1) == chance.labels).mean() > 0.9


def test_scope_is_judged_by_what_has_not_seen_the_text(chance: Vectors) -> None:
    """Texts in and out of scope are drawn alike: half of the pairs are in order by chance, nearly
    all once they were seen.
    """
    own, people, others = heads.domain_out_of_fold(chance, np.arange(80))
    scope = DomainClassifier.fit(
        np.concatenate([chance.masked, chance.in_domain]), chance.out_of_domain
    )
    assert (own[:, None] > others).mean() < 0.7
    assert (people[:, None] > others).mean() < 0.7
    assert (scope.score(chance.masked)[:, None] > scope.score(chance.out_of_domain)).mean() > 0.9


def test_what_is_measured_has_not_seen_a_test_row(
    tiny_data: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fit but the last, which ships, is asked for the rows that it learns from. A test part is
    what data with rows enough have.
    """
    monkeypatch.setattr(prepare, "FEW_ROWS", 0)
    learnt: list[np.ndarray[Any, Any]] = []
    scoped: list[np.ndarray[Any, Any]] = []
    parts: list[split.Split] = []
    vectors: list[Vectors] = []

    def spy(where: Any, name: str, note: Any) -> None:
        before = getattr(where, name)

        def noted(*given: Any, **more: Any) -> Any:
            note(*given)
            return before(*given, **more)

        monkeypatch.setattr(where, name, noted)

    def classified(rows: Vectors, chosen: Any, *_: Any) -> None:
        vectors.append(rows)
        learnt.append(chosen)

    spy(heads, "train_classifier", classified)
    spy(heads, "train_ngrams", lambda rows, chosen: learnt.append(chosen))
    spy(DomainClassifier, "fit", lambda inside, outside: scoped.append(inside))
    spy(run, "measure", lambda prepared, *_: parts.append(prepared.split))
    vocation.train(
        tiny_data,
        tmp_path / "models",
        preset="head",
        config={"base_model": str(tiny_base), "num_epochs": 2, "min_steps": 8},
    )
    test = parts[0].test
    assert len(test)
    assert [len(chosen) for chosen in learnt[-2:]] == [len(vectors[0].labels)] * 2, (
        "what ships learns from all rows"
    )
    assert len(learnt) == 2 + 2 * heads.FOLDS + 2
    assert not any(np.isin(test, chosen).any() for chosen in learnt[:-2])
    held = {row.tobytes() for row in vectors[0].masked[test]}
    assert [any(row.tobytes() in held for row in inside) for inside in scoped] == [False] * (
        len(scoped) - 1
    ) + [True]


def test_doubt_turns_away_one_in_a_hundred_at_most() -> None:
    """Both kinds overlap, so the border between them is not what decides."""
    rng = np.random.default_rng(0)
    inside = rng.normal(0, 1, 1000)
    outside = rng.normal(-1, 1, 300)
    sure = rng.uniform(0.3, 0.9, 1000)
    unsure = rng.uniform(0.1, 0.7, 300)
    factor, least = calibrate._domain_threshold(inside, sure, outside, unsure)
    assert factor > 0
    turned, noticed = (
        (scope + factor * np.log(best / (1 - best)) < least).mean()
        for scope, best in ((inside, sure), (outside, unsure))
    )
    assert turned <= 0.01
    assert noticed > 5 * turned


def test_weights_turn_down_what_is_too_sure_and_what_is_noise() -> None:
    """Labels are drawn from softmax(s). 5 s is five times too sure: a weight of a fifth mends it.
    With `worth` only the factor is learnt: .1 of 2.
    """
    rng = np.random.default_rng(0)
    s, noise = rng.normal(size=(4000, 3)) * 2, rng.normal(size=(4000, 3))
    labels = (softmax(s).cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1).clip(0, 2)
    members: heads.Scores = {"classifier": 5 * s, "similarity": noise}
    found = calibrate.learn_weights(members, labels)
    assert found["classifier"] == pytest.approx(0.2, rel=0.1)
    assert found["similarity"] < 0.06
    kept = calibrate.learn_weights(members, labels, {"classifier": 2.0, "similarity": 0.5})
    assert kept["classifier"] == pytest.approx(0.2, rel=0.1)
    assert kept["similarity"] == pytest.approx(kept["classifier"] / 4)


def test_the_users_own_rows_decide_the_weights_the_more_there_are() -> None:
    """Rows of the default data are written like the training rows: they flatter the classifier."""
    rng = np.random.default_rng(0)

    def scores(n: int) -> heads.Scores:
        return {name: rng.normal(size=(n, 3)) for name in ("classifier", "similarity", "ngrams")}

    held, outside, unknown, others = scores(400), scores(50), scores(50), scores(50)
    titles = tuple((rng.uniform(size=(n, 3)), rng.uniform(size=(n, 9))) for n in (400, 50))
    labels = sum(held.values()).argmax(axis=1)
    domain = rng.normal(2, 1, 400), rng.normal(2, 1, 50), rng.normal(-2, 1, 50)
    first_person = np.ones(400, bool)
    none, half, many = (
        calibrate.fit_calibration(
            held, labels, outside, unknown, others, titles, first_person, domain, own=own
        ).weights
        for own in (0, 200, 10**9)
    )
    assert many == pytest.approx(calibrate.learn_weights(held, labels), rel=1e-4)
    assert none["similarity"] / none["classifier"] > 2 * many["similarity"] / many["classifier"]
    for name in held:
        assert half[name] ** 2 == pytest.approx(none[name] * many[name], rel=1e-4)


def test_sets_are_wide_enough_for_other_peoples_texts() -> None:
    """Widened where the rows are the package's, as learned where they are the user's."""
    wide = [calibrate._mass_elsewhere(0.35, own) for own in (0, 200, 10**9)]
    assert wide == pytest.approx([0.82, 0.585, 0.35], abs=1e-6)
    assert calibrate._mass_elsewhere(0.99, 0) == 0.99, "never narrower than learned"


def test_rows_of_the_default_data_are_told_from_the_users_own() -> None:
    rows = load(None).rows
    default = default_cells()
    known = [not default.isdisjoint(row.cells.values()) for row in rows]
    assert np.mean(known) > 0.95
    assert default.isdisjoint({"I mend nets and sell what I catch at the harbour on Saturdays"})


def test_rare_careers_are_not_answered_less_often(chance: Vectors) -> None:
    """All texts are the same and 60 of 80 are of one career: the classifier learns log 3 = 1.1 for
    it and nothing else, which is taken out again.
    """
    same = np.repeat(chance.masked[:1], 80, axis=0)
    rows = replace(
        chance,
        masked=same,
        plain=same,
        labels=np.repeat([0, 1], [60, 20]),
        careers=chance.careers[:2],
    )
    config = TrainConfig(hidden_dim=8, dropout=0.0, batch_size=80, head_learning_rate=0.05)
    classifier, _ = heads.train_classifier(
        rows, np.arange(80), np.empty(0, np.int64), config, steps=120
    )
    first, second = heads.scores(classifier, same[:1])[0]
    assert first == pytest.approx(second, abs=0.2)
