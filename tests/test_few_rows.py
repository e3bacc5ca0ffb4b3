"""Few rows: all of them are judged, each by what has not seen it, and none makes an answer sure."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import TINY, write_csv
from helpers import Lines

import vocation
from vocation import Recommender, TrainConfig
from vocation.bundle import layout
from vocation.data.dataset import load
from vocation.data.split import FEW_ROWS
from vocation.progress import NullProgress
from vocation.reports import card, checklist
from vocation.serving.model import fit_equally, softmax, with_doubt
from vocation.training import calibrate, fit, heads
from vocation.training.in_turn import in_turn
from vocation.training.prepare import prepare

ROWS = sum(map(len, TINY.values()))


@pytest.fixture(scope="module")
def trained(
    tiny_data: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, str]:
    """Training on 24 profiles and 4 skills rows, which stand for their careers."""
    said = Lines()
    output = tmp_path_factory.mktemp("few") / "models"
    config = {"base_model": str(tiny_base)}
    return vocation.train(tiny_data, output, preset="head", config=config, progress=said), str(said)


def test_every_row_but_those_that_stand_for_a_career_is_judged(trained: Any) -> None:
    result, said = trained
    figures = result.metadata["metrics"]
    counted = [figures["test"]["accuracy"]["n"], figures["by_source"]["profiles"]["n"]]
    counted += [entry["accuracy"]["n"] for entry in figures["baselines"].values()]
    assert counted == [ROWS] * 5
    assert figures["folds"] == {"count": 10, "encoder_as_it_was": False}
    record = json.loads((result.folder / layout.METADATA).read_bytes())
    sentence = card.in_turn(record["metrics"]["folds"])
    assert sentence in said
    assert sentence in (result.folder / layout.CARD).read_text("utf-8")
    accuracy = next(one for one in checklist.checklist(result.folder) if "accuracy" in one.name)
    assert "10 folds" in accuracy.found


def test_no_fold_is_judged_by_its_own_rows_nor_near_duplicates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each text is there in two forms, but for a career with one text only, which no fold could
    learn: it is not judged.
    """
    texts = [(role, text) for role, own in TINY.items() for text in own]
    rows = [[role, f"{start} {text}"] for role, text in texts for start in ("", "Well,")]
    write_csv(
        tmp_path / "profiles.csv", ["role", "profile"], [*rows, ["Diver", "I dive for pearls"]]
    )
    data = load(tmp_path)
    given: dict[str, Any] = {}

    def scores(_: Any, folds: Any, *rest: Any, **named: Any) -> list[heads.Scores]:
        given["folds"] = folds
        return [{}, {}]

    monkeypatch.setattr(heads, "out_of_fold", scores)
    model: Any = SimpleNamespace(vectors=None, history=[{"step": 1}])
    turns = in_turn(prepare(data, TrainConfig()), model, model, NullProgress())
    assert turns is not None
    for learnt, held in given["folds"]:
        assert not set(data.groups[learnt]) & set(data.groups[held])
    diver = data.roles.index("Diver")
    assert turns.rows.tolist() == np.flatnonzero(data.labels != diver).tolist()


def test_no_answer_is_surer_than_so_many_right_ones_in_a_row(trained: Any) -> None:
    """24 rows: 25 / 26, even where the text says its career itself."""
    recommender = Recommender.load(trained[0].folder)
    texts = [text for own in TINY.values() for text in own]
    found = recommender.probabilities(
        [*texts, "I am a baker and I want to be a baker: bread, ovens"]
    )
    assert np.allclose(found.sum(axis=1), 1)
    assert 0.9 < found.max() <= (ROWS + 1) / (ROWS + 2)


def test_doubt_is_spread_evenly() -> None:
    scores = np.random.default_rng(0).normal(0, 30, (50, 4))
    assert with_doubt(scores, 0.0) is scores, "with rows enough nothing changes, not even a bit"
    assert np.allclose(softmax(with_doubt(scores, 0.2)), 0.8 * softmax(scores) + 0.2 / 4)


@pytest.mark.parametrize(
    ("shares", "equally"),
    [((0.5, 0.4, 0.1), True), ((0.5, 0.2, 0.3), True), ((0.7, 0.2, 0.1), False)],
)
def test_several_fit_only_where_the_second_is_near(
    shares: tuple[float, ...], equally: bool
) -> None:
    assert fit_equally(np.array(shares), 0.9) is equally
    assert not fit_equally(np.array(shares), 0.3), "the first one is above the threshold"


def test_what_few_rows_teach_is_moved_towards_what_is_safe() -> None:
    """All of 25 rows are right: alone they would teach that nothing is ever wrong."""
    rng = np.random.default_rng(0)
    labels = np.arange(25) % 5
    scores: heads.Scores = {
        name: np.eye(5)[labels] * 9 + rng.normal(size=(25, 5))
        for name in ("classifier", "similarity", "ngrams")
    }
    bold, careful = (calibrate.learn(scores, labels, 25, few=few) for few in (False, True))
    assert (bold.doubt, bold.trust) == (0.0, 1.0)
    assert careful.trust == pytest.approx(25 / 55)
    # Untrained, similarity alone counts, and its sets hold nine tenths of the probability.
    for name, safe in calibrate._UNTRAINED.items():
        between = sorted((safe, bold.weights[name]))
        assert between[0] < careful.weights[name] < between[1]
    assert bold.set_threshold < careful.set_threshold < 0.9


def test_from_enough_rows_on_nothing_is_held_out_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"Career {i % 5}", f"I like number {i} and {i * i}"] for i in range(FEW_ROWS)]
    write_csv(tmp_path / "profiles.csv", ["role", "profile"], rows)
    model: Any = None  # never looked at
    prepared = prepare(load(tmp_path), TrainConfig())
    assert in_turn(prepared, model, model, NullProgress()) is None
    assert len(prepared.split.test) > 0


def test_a_fine_tuned_model_is_measured_with_the_encoder_as_it_was(
    tiny_data: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tuning it for every fold would take hours; this is said."""
    monkeypatch.setattr(fit, "best_loss", lambda history: 0.0)  # fine-tuning is never discarded
    said = Lines()
    config = {"base_model": str(tiny_base), "num_epochs": 2, "min_steps": 8}
    result = vocation.train(
        tiny_data, tmp_path / "models", preset="full", config=config, progress=said
    )
    assert result.metadata["preset"] == "full"
    figures = result.metadata["metrics"]
    assert figures["folds"]["encoder_as_it_was"]
    assert figures["test"]["accuracy"]["n"] == ROWS
    assert "with the encoder as it was: fine-tuning it for every fold takes hours" in str(said)
