"""The history of runs: written after every training, without a text; listed; two compared."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
from pathlib import Path

import pytest
from conftest import TINY
from helpers import Lines, metadata, share
from helpers import vocation as command

import vocation
from vocation import TrainConfig
from vocation.bundle import layout
from vocation.data import dataset
from vocation.errors import ConfigError, VocationError
from vocation.reports import runs, samples
from vocation.training import run


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder with three runs: the middle one is far better than the oldest, the newest about as
    good as the middle one.
    """
    folder = tmp_path / "runs"
    runs.append(metadata(share(0.70, 0.60, 0.78), "2026-11-21T08:00:00Z"), tmp_path / "models")
    runs.append(
        metadata(share(0.92, 0.90, 0.94), "2026-11-22T08:00:00Z", dropout=0.5), tmp_path / "models"
    )
    newest = metadata(share(0.93, 0.91, 0.95), "2026-11-23T08:00:00Z", num_epochs=20)
    newest["dataset"] = {
        **newest["dataset"],
        "sha256": "cd" * 32,
        "rows": 1300,
        "samples_per_source": {"qa": 1100, "profiles": 200},
    }
    runs.append(newest, tmp_path / "second")
    return folder


def test_a_training_leaves_its_record_and_no_text(default_part: Path, bundle_folder: Path) -> None:
    record_file, learnt_file = sorted((bundle_folder.parent / "runs").iterdir())
    assert (record_file.suffix, learnt_file.suffix) == (".json", ".learnt")
    content = record_file.read_text(encoding="utf-8")
    record = json.loads(content)
    trained = json.loads((bundle_folder / layout.METADATA).read_bytes())
    assert all(
        record[key] == trained[key] for key in ("trained", "config", "metrics", "preset", "dataset")
    )
    assert record["dataset"]["sha256"] == dataset.load(default_part, limit=640).fingerprint
    assert (record["bundle"], record["careers"], record["changed"]) == ("models", 64, {})
    assert len(content) < 20_000
    texts = [text for text in dataset.load(default_part).texts if len(text) > 20] + list(
        samples.QUERIES
    )
    content += learnt_file.read_text(encoding="utf-8")
    assert [text for text in texts if text in content] == []


def test_the_list_is_newest_first(three: Path) -> None:
    done = command("runs", "--runs", three)
    assert done.returncode == 0, done.stderr
    header, *lines = done.stdout.splitlines()
    assert header.split()[:2] == ["run", "trained"]
    assert [line.split()[1] for line in lines] == [
        "20261123-080000-second",
        "20261122-080000-models",
        "20261121-080000-models",
    ]
    for shown in (
        "2026-11-22 08:00",
        "abababab",
        "1,200",
        "head",
        "92.0% (90.0% to 94.0%)",
        "98.0%",
        "0.030",
        "62 s",
        "dropout=0.5",
    ):
        assert shown in lines[1]
    assert lines[2].endswith("-"), "nothing was changed from the defaults"
    assert (
        json.loads(command("runs", "--runs", three, "--json").stdout)[0]["name"]
        == "20261123-080000-second"
    )


def test_two_runs_side_by_side(three: Path) -> None:
    """70 % (60 to 78) and 92 % (90 to 94) are apart; 92 % (90 to 94) and 93 % (91 to 95)
    overlap.
    """
    apart = command("runs", "3", "2", "--runs", three).stdout
    assert "  dropout: 0.3 -> 0.5" in apart
    assert "Data: the same" in apart
    line = next(line for line in apart.splitlines() if "top-1 accuracy (" in line)
    assert line.split()[-1] == "apart"
    close = command("runs", "1122", "second", "--runs", three)
    assert close.stdout.count("overlap") > 1
    for shown in (
        "  dropout: 0.5 -> 0.3",
        "  num_epochs: 10 -> 20",
        "  rows: 1200 -> 1300",
        "  samples_per_source qa: 1000 -> 1100",
    ):
        assert shown in close.stdout
    assert "The data differ" in close.stdout
    value = json.loads(command("runs", "3", "2", "--runs", three, "--json").stdout)
    assert value["config"] == {"dropout": [0.3, 0.5]}
    first = value["metrics"][0]
    assert (first["metric"], first["overlap"]) == ("top-1 accuracy (first answer right)", False)


def test_a_bundle_can_stand_for_its_run(three: Path, bundle_folder: Path) -> None:
    records, _ = runs.load(three)
    found = runs.compare(records[0], runs.pick(records, str(bundle_folder)))
    assert found["data"]["rows"] == [1300, 640]


def test_what_cannot_be_named_or_read(three: Path) -> None:
    records, odd = runs.load(three)
    assert odd == []
    for which, message in (
        ("nurse", "no run is called 'nurse': give a number from 1 to 3"),
        ("models", "2 runs are called 'models'"),
        ("4", "'4'"),
    ):
        with pytest.raises(VocationError, match=message):
            runs.pick(records, which)
    (three / "notes.json").write_text('{"accuracy": 1}', encoding="utf-8")
    (three / "torn.json").write_text(
        (three / f"{records[0].name}.json").read_text("utf-8")[:300], encoding="utf-8"
    )
    wrong = copy.deepcopy(dict(records[0].values))
    wrong["metrics"]["test"]["accuracy"]["value"] = "high"
    (three / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")
    (three / "TensorBoard").mkdir()
    again, odd = runs.load(three)
    assert [one.name for one in again] == [one.name for one in records]
    assert odd == ["notes.json", "torn.json", "wrong.json"]
    done = command("runs", "1", "--runs", three)
    assert (done.returncode, "name both, or none" in done.stderr) == (1, True)
    done = command("runs", "--runs", three / "none")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_records_are_whole_and_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = metadata(share(0.5, 0.4, 0.6))
    first, second = (runs.append(values, tmp_path / "my models") for _ in range(2))
    assert [first.name, second.name] == [
        "20261123-052416-my_models.json",
        "20261123-052416-my_models-2.json",
    ]
    monkeypatch.setattr(
        os, "link", lambda *_: (_ for _ in ()).throw(OSError(1, "no hard links here"))
    )
    assert runs.append(values, tmp_path / "my models").name == "20261123-052416-my_models-3.json"
    monkeypatch.setattr(
        os, "fsync", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match="No space left"):
        runs.append(values, tmp_path / "my models")
    assert len(list((tmp_path / "runs").iterdir())) == 3, "nothing half written stays"
    assert runs.folder_for("models") == Path("runs")
    assert runs.folder_for("a/models", "elsewhere") == Path("elsewhere")


def test_a_record_that_cannot_be_written_does_not_fail_the_training(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        run, "run", lambda *_, **__: metadata(share(0.5, 0.4, 0.6))
    )  # everything but the training itself
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    progress = Lines()
    result = vocation.train(
        tiny_data, tmp_path / "models", runs=tmp_path / "file", progress=progress
    )
    assert result.record is None
    assert f"WARNING: the record of this run could not be written to {tmp_path / 'file'}" in str(
        progress
    )
    assert (
        vocation.train(tiny_data, tmp_path / "models", runs=tmp_path / "mine").record
        == tmp_path / "mine" / "20261123-052416-models.json"
    )


def test_nothing_is_reported_unless_asked_for(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "mlflow" else found(name, *rest),
    )
    with pytest.raises(
        ConfigError,
        match=(
            "report_to mlflow needs the package mlflow, which is not installed: run  pip install"
            " mlflow"
        ),
    ):
        vocation.train(tiny_data, tmp_path / "models", config={"report_to": "mlflow"})
    with pytest.raises(
        ConfigError,
        match='report_to must be one of "none", "tensorboard", "mlflow", "trackio", "wandb", found',
    ):
        TrainConfig(report_to="all")


def test_tensorboard_gets_the_curves(tiny_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    config = {"report_to": "tensorboard", "min_steps": 8, "num_epochs": 2}
    result = vocation.train(tiny_data, tmp_path / "models", preset="head", config=config)
    files = list((tmp_path / "runs").rglob("events.out.tfevents.*"))
    assert [path.parent.name for path in files] == ["head"], (
        "one curve: neither the folds nor the model on all rows are drawn"
    )
    events = EventAccumulator(str(files[0]))
    events.Reload()
    drawn = {
        name: [point.value for point in events.Scalars(name)]
        for name in ("eval/accuracy", "train/accuracy", "train/loss")
    }
    assert drawn["eval/accuracy"] == pytest.approx(
        [entry["validation_accuracy"] for entry in result.history]
    )
    assert drawn["train/accuracy"] == pytest.approx(
        [entry["train_accuracy"] for entry in result.history]
    )
    content = files[0].read_bytes()
    assert not [text for texts in TINY.values() for text in texts if text.encode() in content]
    assert runs.load(tmp_path / "runs")[0][0].changed == {"min_steps": 8, "num_epochs": 2}
