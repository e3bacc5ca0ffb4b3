"""Training over a bundle that is there: careers, rows that were learnt, which of the two answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TINY, write_csv
from helpers import Lines, edited, metadata, share
from helpers import vocation as command

import vocation
from vocation.bundle import layout, writer
from vocation.data import dataset
from vocation.errors import BundleError
from vocation.reports import learnt
from vocation.serving.recommend import Recommender
from vocation.training import retrain, run, write

CAREERS = ["Baker", "Nurse", "Gardener"]


def fake_bundle(folder: Path, classes: list[str]) -> Path:
    """A bundle of which only the metadata can be read, as in one of another format."""
    content = {"classes": classes, "trained": "2026-11-20T08:00:00Z"}
    files = dict.fromkeys(layout.WRITTEN, b"")
    return writer.write(folder, {**files, layout.METADATA: json.dumps(content).encode()})


@pytest.fixture
def data(tmp_path: Path) -> dataset.Dataset:
    """120 rows of three careers, no two of them alike."""
    # Every word has its row's number, so that no two rows are near-duplicates.
    rows = [
        [
            role,
            f"{role} " + " ".join(f"{word}{role[:2]}{i}" for word in ("saw", "met", "did", "ate")),
        ]
        for role in CAREERS
        for i in range(40)
    ]
    (tmp_path / "data").mkdir()
    write_csv(tmp_path / "data" / "profiles.csv", ["role", "profile"], rows)
    return dataset.load(tmp_path / "data")


# --- careers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "lost"),
    [
        (["baker", "NURSE"], 0),  # more careers than before, in another spelling
        (["Baker", "Nurse", "Gardener"], 0),
        (["Baker", "Nurse", "Gardener", "Pilot"], 1),
        (["Pilot", "Vet"], 2),
    ],
)
def test_careers_that_would_vanish_are_named(there: list[str], lost: int, tmp_path: Path) -> None:
    models = fake_bundle(tmp_path / "models", there)
    if not lost:
        return retrain.check_careers(models, CAREERS)
    with pytest.raises(
        BundleError, match=f"{lost} of the {len(there)} careers .* --replace"
    ) as told:
        retrain.check_careers(models, CAREERS)
    assert "Pilot" in str(told.value)
    return None


def test_a_zip_alone_is_a_bundle_too_and_a_damaged_one_is_in_nobodys_way(tmp_path: Path) -> None:
    models = fake_bundle(tmp_path / "models", ["Pilot", "Vet"])
    for name in layout.WRITTEN:
        (models / name).unlink()
    (models / layout.MANIFEST).unlink()
    assert writer.has_bundle(models)
    (models / layout.ZIP).write_bytes(b"torn")
    retrain.check_careers(models, CAREERS)
    retrain.check_careers(tmp_path / "none", CAREERS)


def test_nothing_is_trained_when_careers_would_vanish_or_the_disk_is_full(
    tmp_path: Path, data: dataset.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def stand_in(*_: Any, **given: Any) -> dict[str, Any]:
        asked.append(given["replace"])
        return metadata(share(0.5, 0.4, 0.6))

    monkeypatch.setattr(run, "run", stand_in)
    models = fake_bundle(tmp_path / "models", ["Pilot", "Vet"])
    with pytest.raises(BundleError, match="Pilot, Vet"):
        vocation.train(data, models)
    assert asked == []
    vocation.train(data, models, replace=True)
    assert asked == [True]

    free = shutil._ntuple_diskusage(10**9, 10**9 - 10**6, 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    tensor = type("Tensor", (), {"numel": lambda self: 10_000_000})()
    network = type("Network", (), {"state_dict": lambda self: {"weights": tensor}})()
    with pytest.raises(BundleError, match=r"needs about \d+ MB in .*, 1 MB are free"):
        write.check_space(models, network, 3)


# --- learnt rows ----------------------------------------------------------------------------------


def test_learnt_texts_are_found_again_and_not_shown(tmp_path: Path, data: dataset.Dataset) -> None:
    bundle = {"trained": "2026-11-20T08:00:00Z", "classes": CAREERS}
    record = tmp_path / "20261120-080000-models.json"
    path = learnt.write(learnt.of(data), record, bundle)
    content = path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0 or path.drive, "for its owner alone"
    assert not [text for text in data.texts if text in content]
    found = learnt.find(tmp_path, bundle)
    assert found is not None
    assert all(f"  {text.upper()} !" in found for text in data.texts)
    assert "Baker sawBa500 metBa500 didBa500 ateBa500" not in found
    assert learnt.find(tmp_path, {**bundle, "classes": ["Pilot"]}) is None, "another bundle's"
    again = learnt.write(learnt.of(data), tmp_path / "20261120-080000-b.json", bundle)
    assert again.read_text() != content, "salted"
    path.write_text(content[:100], encoding="utf-8")
    again.unlink()
    assert learnt.find(tmp_path, bundle) is None


def test_a_model_that_started_from_another_has_learnt_its_rows_too(data: dataset.Dataset) -> None:
    nothing = learnt.Learnt(())
    both = learnt.after(nothing, learnt.of(data))
    assert data.texts[0] in both
    assert both.complete
    assert not learnt.after(nothing, None).complete


# --- is it worse? ---------------------------------------------------------------------------------


class Stub:
    """An earlier bundle that is right about all rows but every `wrong`-th."""

    classes = ("Nurse", "Baker", "Gardener")
    wrong = 10**9

    def probabilities(self, texts: list[str]) -> Any:
        assert not [text for text in texts if "Baker" in text], "career names are masked"
        return np.array([self.row(i) for i, _ in enumerate(texts)])

    def row(self, i: int) -> list[float]:
        label = self.truth[i] if i % self.wrong else (self.truth[i] + 1) % 3
        return [0.8 if column == label else 0.1 for column in range(3)]


@pytest.fixture
def stub(data: dataset.Dataset, monkeypatch: pytest.MonkeyPatch) -> Stub:
    bundle = Stub()
    bundle.truth = [Stub.classes.index(data.roles[label]) for label in data.labels]
    monkeypatch.setattr(Recommender, "load", lambda _: bundle)
    return bundle


@pytest.mark.parametrize(
    ("wrong_now", "wrong_before", "worse", "p_below"),
    [
        (0, 10**9, False, False),
        (4, 10**9, True, True),
        (40, 10**9, False, False),
        (0, 4, False, True),
    ],
    ids=["equal", "clearly worse", "three rows", "clearly better"],
)
def test_both_answer_the_new_rows(
    wrong_now: int,
    wrong_before: int,
    worse: bool,
    p_below: bool,
    data: dataset.Dataset,
    stub: Stub,
    tmp_path: Path,
) -> None:
    """120 rows: one in four wrong are 30 lost rows against none; three lost rows may be chance."""
    models = fake_bundle(tmp_path / "models", list(Stub.classes))
    stub.wrong = wrong_before
    rows = np.arange(120)
    right = rows % wrong_now > 0 if wrong_now else np.ones(120, bool)
    found = retrain.compare(data, rows, right, models, {"it": learnt.Learnt(())})
    assert found is not None
    assert (found["rows"], found["worse"]) == (120, worse)
    assert (found["p"] < retrain.CHANCE) == p_below
    assert found["accuracy"]["value"] == pytest.approx(right.mean())
    assert "120 test rows" in retrain.sentence(found, models)


def test_only_rows_that_were_not_learnt_are_compared(
    data: dataset.Dataset, stub: Stub, tmp_path: Path
) -> None:
    models, rows = fake_bundle(tmp_path / "models", list(Stub.classes)), np.arange(120)
    known = learnt.of(data)
    salt = known.parts[0][0]
    half = learnt.Learnt(((salt, frozenset(learnt._hash(one, salt) for one in data.texts[:80])),))
    for texts, count, why in (
        (half, 40, "40 of the 120 test rows are new to it, 50"),
        (known, 0, "0 of the 120 test rows"),
        (None, 0, "no record says which rows it has learnt"),
        (learnt.after(half, None), 0, "no record says"),
    ):
        found = retrain.compare(data, rows, np.ones(120, bool), models, {"it": texts})
        assert found is not None
        assert found["rows"] == count
        assert why in found["why"]
        assert "worse" not in found
    nobody = tmp_path / "none"
    assert retrain.compare(data, rows, np.ones(120, bool), nobody, {"it": None}) is None


# --- all of it ------------------------------------------------------------------------------------


def test_a_worse_bundle_waits_beside_the_one_that_answers(
    tiny_data: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"base_model": str(tiny_base), "min_steps": 8, "num_epochs": 1}
    models, lines = tmp_path / "models", Lines()
    first = vocation.train(tiny_data, models, preset="head", config=config, progress=lines)
    assert "ompared" not in str(lines)
    assert first.record is not None
    texts = learnt.find(tmp_path / "runs", Recommender.load(models).metadata)
    assert texts is not None
    assert all(text in texts for texts_of in TINY.values() for text in texts_of)
    # Nothing of it is in the bundle: neither hashes nor the salt.
    salt = texts.parts[0][0]
    assert not [path for path in models.iterdir() if salt.hex().encode() in path.read_bytes()]

    half = share(0.5, 0.4, 0.6)
    worse = {"with": "2026-11-20", "rows": 100, "accuracy": half, "before": half, "won": 1}
    worse |= {"lost": 20, "p": 0.001, "worse": True}
    monkeypatch.setattr(retrain, "compare", lambda *_: worse)
    second = vocation.train(tiny_data, models, preset="head", config=config, progress=lines)
    assert (second.held_back, second.folder) == (True, writer.candidate_of(models))
    assert "clearly worse" in str(lines)
    assert Recommender.load(models).metadata == first.metadata
    assert Recommender.load(second.folder).metadata == second.metadata
    third = vocation.train(tiny_data, models, preset="head", config=config, replace=True)
    assert (third.held_back, third.folder) == (False, models)
    assert Recommender.load(writer.previous_of(models)).metadata == first.metadata


def test_the_commands_say_what_answers_now(bundle_folder: Path, tmp_path: Path) -> None:
    values = json.loads((bundle_folder / layout.METADATA).read_bytes())
    for name, year in (("models", 2001), ("models.previous", 2002), ("models.candidate", 2003)):
        other = {layout.METADATA: {**values, "trained": f"{year}-01-01T00:00:00Z"}}
        edited(bundle_folder, tmp_path / name, other)
    models = tmp_path / "models"
    for name, now, before in (("rollback", 2002, 2001), ("promote", 2003, 2002)):
        done = command(name, "--bundle", models)
        assert done.returncode == 0, done.stderr
        first, second = done.stdout.splitlines()
        assert f"trained {now}-01-01 00:00 for 64 careers" in first
        assert f"trained {before}-01-01" in second
    (writer.previous_of(models) / layout.MODEL).write_bytes(b"torn")
    done = command("rollback", "--bundle", models)
    assert (done.returncode, done.stdout) == (1, "")
    assert Recommender.load(models).metadata["trained"].startswith("2003")
    done = command("promote", "--bundle", models)
    assert (done.returncode, "models.candidate" in done.stderr) == (1, True)


def test_evaluate_says_which_rows_were_learnt(
    default_part: Path, bundle_folder: Path, tmp_path: Path
) -> None:
    data = dataset.load(default_part, limit=640)
    rows = [[data.texts[i], data.roles[data.labels[i]]] for i in range(0, 640, 100)]
    rows += [["I sort screws by colour on quiet afternoons", data.roles[0]]]
    source = write_csv(tmp_path / "people.csv", ["text", "label"], rows)
    ask = ["evaluate", source, "--text-column", "text", "--label-column", "label", "--bundle"]
    for bundle in (bundle_folder, bundle_folder / layout.ZIP):
        done = command(*ask, bundle)
        assert done.returncode == 0, done.stderr
        assert f"{len(rows) - 1} of these {len(rows)} rows were learnt" in done.stdout
    done = command(*ask, bundle_folder, "--runs", tmp_path)
    assert "cannot be told" in done.stdout
    done = command(*ask, bundle_folder, "--json")
    assert json.loads(done.stdout)["learnt"] == len(rows) - 1
