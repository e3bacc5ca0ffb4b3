"""From CSV files to a bundle, on tiny real things."""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TINY, write_csv
from helpers import Lines
from tiny_training import blobs

import vocation
from vocation import Recommender, TrainConfig
from vocation.bundle import layout, reader
from vocation.errors import BundleError, ConfigError, VocationError
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork, Classifier, HeadOnly
from vocation.training.loop import fit
from vocation.training.schedule import best_steps, epoch_steps, planned_steps


@pytest.fixture(scope="module")
def trained(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str]:
    said = Lines()
    return vocation.train(
        tiny_data, tmp_path_factory.mktemp("out") / "models", preset="head", progress=said
    ), str(said)


def test_csv_files_in_recommendation_out(trained: Any) -> None:
    result, said = trained
    recommender = Recommender.load(result.folder)
    assert recommender.classes == tuple(sorted(TINY))
    answers = recommender.recommend(
        [
            "I make fresh bread before dawn",
            "I write code in Python",
            "I plant trees",
            "I care for the sick on a ward",
        ]
    )
    assert [answer.careers[0].career for answer in answers] == [
        "Baker",
        "Programmer",
        "Gardener",
        "Nurse",
    ]
    assert "Total samples: 28" in said  # 24 profiles and 4 skills rows
    assert "below minimum" in said
    assert "Epoch 1/" in said
    assert "top-1 accuracy (first answer right)" in said
    assert "most frequent career" in said


def test_what_stands_for_a_career_is_never_judged(tiny_data: Path) -> None:
    """The description of a skills row becomes the career's embedding: judged on that very row,
    similarity would look perfect.
    """
    from vocation.data.split import public_rows
    from vocation.training.prepare import prepare

    data = vocation.data.dataset.load(tiny_data)
    public = public_rows(data.rows, data.groups, data.careers)
    assert [row.source for row, own in zip(data.rows, public, strict=True) if own] == ["skills"] * 4
    for seed in range(20):
        parts = prepare(data, TrainConfig(seed=seed)).split
        assert not public[parts.test].any()
        assert not public[parts.validation].any()
        assert len(parts.train) + len(parts.validation) + len(parts.test) == len(data.rows)


def test_a_career_with_a_single_row_can_be_recommended(tiny_data: Path, tmp_path: Path) -> None:
    """A name and a description are enough to be found, beside careers with many rows."""
    skills = (tiny_data / "skills_mapping.csv").read_text(
        "utf-8"
    ) + 'Diver,"Scuba, Welding","Works under water on ships, pipes and bridges."\n'
    (tmp_path / "skills_mapping.csv").write_text(skills, "utf-8")
    (tmp_path / "profiles.csv").write_text((tiny_data / "profiles.csv").read_text("utf-8"), "utf-8")
    recommender = Recommender.load(
        vocation.train(tmp_path, tmp_path / "models", preset="head").folder
    )
    assert (
        recommender.recommend("I dive in the harbour and mend the hulls of boats").careers[0].career
        == "Diver"
    )


def test_metadata_keeps_the_record(trained: Any, tiny_data: Path) -> None:
    result, _ = trained
    metadata = json.loads((result.folder / layout.METADATA).read_bytes())
    assert metadata["config"] == TrainConfig().to_dict()
    assert metadata["dataset"]["samples_per_source"] == {"skills": 4, "profiles": 24}
    assert metadata["dataset"]["sha256"] == vocation.data.dataset.load(tiny_data).fingerprint
    accuracy = metadata["metrics"]["test"]["accuracy"]
    assert 0 <= accuracy["low"] <= accuracy["value"] <= accuracy["high"] <= 1
    assert accuracy["n"] == 24  # every profile, held out in turn
    assert set(metadata["metrics"]["baselines"]) == {"majority", "tfidf", "zero_shot"}
    card = (result.folder / layout.CARD).read_text(encoding="utf-8")
    assert (
        f"{accuracy['value']:.1%} (95 % interval {accuracy['low']:.1%} to {accuracy['high']:.1%}"
        in card
    )


def test_no_persons_words_are_in_the_bundle(trained: Any) -> None:
    result, _ = trained
    for name in (layout.METADATA, layout.PROFILES, layout.CARD):
        content = (result.folder / name).read_text(encoding="utf-8")
        assert not [text for texts in TINY.values() for text in texts if text in content]


def test_the_guides_torch_snippets_run(trained: Any) -> None:
    """Transfer learning and averaging, as the guide writes them, on the file that training left."""
    result, _ = trained
    checkpoint = torch.load(result.folder / "career_model_cpu.pth")  # weights-only by default
    assert set(checkpoint) == {"model_state_dict", "config", "classes", "history"}
    folder = base_models.resolve(checkpoint["config"]["base_model"])
    models = []
    for _ in range(3):
        model = CareerNetwork.from_base(
            folder, len(checkpoint["classes"]), TrainConfig(**checkpoint["config"])
        )
        model.load_state_dict(checkpoint["model_state_dict"])
        models.append(model.eval())
    model1, model2, model3 = models
    for param in model1.base_model.parameters():
        param.requires_grad = False  # Freeze base
    assert {name.split(".")[0] for name in checkpoint["model_state_dict"]} == {
        "base_model",
        "classifier",
    }
    x = torch.tensor([[101, 1045, 4933, 18750, 3642, 102]])  # "i write python code"
    with torch.no_grad():
        pred = (model1(x) + model2(x) + model3(x)) / 3
    assert checkpoint["classes"][int(pred.argmax())] == "Programmer"


def test_training_network_and_bundle_agree(trained: Any) -> None:
    """The 16-bit PyTorch file and the 8-bit ONNX file were made from one network: their scores stay
    close.
    """
    result, _ = trained
    checkpoint = torch.load(result.folder / "career_model_cpu.pth")
    model = CareerNetwork.from_base(base_models.resolve(base_models.DEFAULT), 4, TrainConfig())
    model.load_state_dict(checkpoint["model_state_dict"])
    from vocation.serving.model import softmax
    from vocation.serving.network import MAX_WINDOWS, Network, windows_feed

    opened = reader.read(result.folder)
    network = Network(opened.model, opened.tokenizer, opened.embeddings.shape[1])
    texts = ["bread", "I write code and fix bugs at night", "I sit with patients. " * 60]
    read = network.run(texts)
    feed = windows_feed([network._reader.windows(text, MAX_WINDOWS)[0] for text in texts], 0)
    with torch.no_grad():
        inputs = {name: torch.from_numpy(value) for name, value in feed.items()}
        features = model.eval().features(**inputs).numpy()
        scores = model(**inputs).numpy()
    # Side by side: three layers. The deeper one is, the more has been rounded on the way.
    for layer, least in enumerate((0.9995, 0.998, 0.994)):
        ours, theirs = (np.split(both, 3, axis=1)[layer] for both in (read.features, features))
        lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
        cosines = (ours * theirs).sum(1) / lengths
        assert cosines.min() > least, f"layer {layer}"
    assert np.abs(softmax(scores) - softmax(read.logits)).max() < 0.03


def test_the_four_files_are_completed_where_torch_is(trained: Any, tmp_path: Path) -> None:
    """What the guide copies: four files. With the train extra the rest is made from them, and the
    first answers stay the same.
    """
    import shutil

    result, _ = trained
    for name in (
        "career_model_cpu.pth",
        "label_encoder.pkl",
        "career_embeddings.npy",
        "model_metadata.json",
    ):
        shutil.copy(result.folder / name, tmp_path)
    assert reader.is_pytorch_only(tmp_path)
    vocation.training.rebuild_bundle(tmp_path)
    texts = ["I make fresh bread before dawn", "I write code in Python", "I plant trees"]
    made, whole = Recommender.load(tmp_path), Recommender.load(result.folder)
    assert (made.probabilities(texts).argmax(1) == whole.probabilities(texts).argmax(1)).all()
    assert "not known to this bundle" in made.metadata["known_limits"][-1]
    assert not reader.is_pytorch_only(result.folder)

    (tmp_path / layout.MODEL).unlink()
    assert not reader.is_pytorch_only(tmp_path), "what is there is never written over by itself"
    torch.save(
        {"model_state_dict": torch.nn.Linear(2, 2)}, tmp_path / layout.WEIGHTS
    )  # a pickled object, as others ship it
    with pytest.raises(BundleError, match="is not a plain PyTorch weights file"):
        vocation.training.rebuild_bundle(tmp_path)


def test_zip_holds_everything_flat(trained: Any) -> None:
    result, _ = trained
    with zipfile.ZipFile(result.folder / layout.ZIP) as archive:
        assert {
            "career_model_cpu.pth",
            "label_encoder.pkl",
            "career_embeddings.npy",
            "model_metadata.json",
            "model.onnx",
        } <= set(archive.namelist())
        serving = sum(
            info.file_size
            for info in archive.infolist()
            if info.filename in {*layout.SERVING, layout.MANIFEST}
        )
    assert serving < 30 * layout.MB
    assert (result.folder / layout.ZIP).stat().st_size < 80 * layout.MB


def test_full_preset_learns_stops_and_resumes(
    tiny_data: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a random two-layer encoder: interrupted in the middle and resumed, the run ends with the
    weights of an undisturbed one.
    """
    config = {
        "base_model": str(tiny_base),
        "max_length": 32,
        "min_steps": 24,
        "num_epochs": 4,
        "batch_size": 8,
        "learning_rate": 3e-3,
    }

    from vocation.training import callbacks

    losses_said = itertools.cycle(
        [1.0, 2.0]
    )  # fine-tuned, then as it was: on so few rows which one is better would be luck
    monkeypatch.setattr("vocation.training.fit.best_loss", lambda history: next(losses_said))
    whole = vocation.train(tiny_data, tmp_path / "whole", preset="full", config=config)
    on_step_end = callbacks.HistoryCallback.on_step_end

    def interrupt(self: Any, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 5:
            self.stop.set()
        on_step_end(self, args, state, control, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(callbacks.HistoryCallback, "on_step_end", interrupt)
        with pytest.raises(
            callbacks.Interrupted, match="the state was saved, go on with  --resume"
        ):
            vocation.train(tiny_data, tmp_path / "cut", preset="full", config=config)
    assert not (tmp_path / "cut").exists()
    with pytest.raises(
        VocationError, match=r"cannot resume, data or settings have changed \(dropout: 0.3 -> 0.5\)"
    ):
        vocation.train(
            tiny_data,
            tmp_path / "cut",
            preset="full",
            config={**config, "dropout": 0.5},
            resume=True,
        )
    said = Lines()
    resumed = vocation.train(
        tiny_data, tmp_path / "cut", preset="full", config=config, resume=True, progress=said
    )
    a, b = (
        torch.load(result.folder / "career_model_cpu.pth")["model_state_dict"]
        for result in (whole, resumed)
    )
    assert [name for name in a if not torch.equal(a[name], b[name])] == []
    assert whole.metadata["preset"] == resumed.metadata["preset"] == "full"
    before = CareerNetwork.from_base(tiny_base, 4, TrainConfig()).half().state_dict()
    moved = {
        name
        for name in a
        if name.startswith("base_model.") and not torch.equal(a[name], before[name])
    }
    assert moved
    assert all(".layer.1." in name for name in moved), (
        "of two layers the upper one is trained, the rest stays as it was"
    )
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], (
        "checkpoints are cleared away"
    )
    losses = [[entry["validation_loss"] for entry in result.history] for result in (whole, resumed)]
    assert losses[0] == losses[1]


def test_fine_tuning_that_made_it_worse_is_not_shipped(
    tiny_data: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    losses = iter([2.0, 1.0])  # fine-tuned, then with the encoder as it was
    monkeypatch.setattr("vocation.training.fit.best_loss", lambda history: next(losses))
    said = Lines()
    config = {
        "base_model": str(tiny_base),
        "max_length": 32,
        "min_steps": 8,
        "num_epochs": 2,
        "batch_size": 8,
    }
    result = vocation.train(
        tiny_data, tmp_path / "models", preset="full", config=config, progress=said
    )
    assert "fine-tuning made it worse" in str(said)
    assert result.metadata["preset"] == "head"
    kept = torch.load(result.folder / "career_model_cpu.pth")["model_state_dict"]
    base = CareerNetwork.from_base(tiny_base, 4, TrainConfig()).half()
    assert all(
        torch.equal(kept[name], weight)
        for name, weight in base.state_dict().items()
        if name.startswith("base_model.")
    )


def test_too_little_data_leans_on_similarity_and_says_so(tmp_path: Path) -> None:
    rows = [
        ["Baker", "I bake bread"],
        ["Nurse", "I care for patients in hospital"],
        ["Programmer", "I write software"],
    ]
    write_csv(tmp_path / "profiles.csv", ["role", "profile"], rows)
    said = Lines()
    result = vocation.train(tmp_path, tmp_path / "models", preset="head", progress=said)
    assert "no score possible" in str(said)
    assert result.metadata["metrics"] is None
    assert result.metadata["calibration"]["weights"]["classifier"] == 0.0
    assert (
        Recommender.load(result.folder)
        .recommend("my rolls and my bread taste good")
        .careers[0]
        .career
        == "Baker"
    )


def test_a_setting_that_does_not_act_warns(tiny_data: Path, tmp_path: Path) -> None:
    said = Lines()
    vocation.train(
        tiny_data, tmp_path / "models", preset="head", config={"learning_rate": 5e-5}, progress=said
    )
    assert "WARNING: learning_rate does not act in the preset 'head'" in str(said)
    with pytest.raises(ConfigError, match="preset must be one of auto, head, full"):
        vocation.train(tiny_data, preset="fast")


def test_short_runs_get_the_floor_of_steps_and_a_capped_warm_up() -> None:
    config = TrainConfig()  # 10 epochs of 50 rows in batches of 32 would be 20 steps
    assert (epoch_steps(50, config), planned_steps(50, config)) == (
        40,
        400,
    )  # the floor, spread over ten epochs
    assert (epoch_steps(896, config), planned_steps(896, config)) == (
        40,
        400,
    )  # a pass is 28 steps, ten are 280
    assert (epoch_steps(3200, config), planned_steps(3200, config)) == (100, 1000)
    from vocation.training.loop import _arguments

    assert _arguments(Path("unused"), config, 70, 7, True, True).warmup_steps == 7


def test_best_weights_are_restored() -> None:
    """With a far too high rate the loss gets worse after a good epoch; what is kept is the good
    epoch.
    """
    torch.manual_seed(0)
    part = blobs(0.1)
    model = HeadOnly(Classifier(8, 16, 4, 0.0))
    config = TrainConfig(head_learning_rate=0.1, patience=50, batch_size=8)
    history = fit(model, part, part, config, steps=96)
    with torch.no_grad():
        loss = float(model(**part.batch(list(range(64))))["loss"])
    best = min(history, key=lambda entry: entry["calibrated_loss"])
    assert best is not history[-1]
    assert loss == pytest.approx(best["validation_loss"], abs=1e-4)
    assert best_steps(history) == best["step"]


def test_overconfidence_alone_does_not_stop_a_run() -> None:
    """Scores that only grow larger raise the plain loss of wrong answers; at its best temperature
    the loss stays what it was.
    """
    from types import SimpleNamespace

    from vocation.training.loop import _compute_metrics

    scores = np.array([[2.0, 0.0], [0.0, 2.0], [2.0, 0.0], [0.0, 2.0]])
    labels = np.array([0, 1, 0, 0])
    calm, loud = (
        _compute_metrics(SimpleNamespace(predictions=factor * scores, label_ids=labels))
        for factor in (1.0, 4.0)
    )
    assert calm["accuracy"] == loud["accuracy"] == 0.75
    assert calm["calibrated_loss"] == pytest.approx(loud["calibrated_loss"], abs=0.01)


def test_a_loss_that_is_not_a_number_stops_at_once() -> None:
    model = HeadOnly(Classifier(8, 16, 4, 0.0))
    with torch.no_grad():
        model.classifier[0].weight[0, 0] = float("nan")
    with pytest.raises(VocationError, match="training stopped in step 1: the loss is nan"):
        fit(model, blobs(0.1), None, TrainConfig(), steps=2)


def test_a_base_model_that_wants_to_run_code_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "base"
    shutil.copytree(tiny_base, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(
        json.dumps({**config, "auto_map": {"AutoModel": "evil.Model"}}), encoding="utf-8"
    )
    with pytest.raises(VocationError, match="asks for code of its own"):
        base_models.resolve(str(folder))
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "modules.json").write_text('[{"type": "evil.Module", "path": ""}]', encoding="utf-8")
    with pytest.raises(VocationError, match=r"asks for the module 'evil.Module'"):
        base_models.resolve(str(folder))
