"""Going on from an earlier model, on the tiny data."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from conftest import TINY, write_csv

import vocation
from vocation.errors import BundleError, ConfigError, VocationError
from vocation.training.warm_start import WarmStart

QUICK = {"min_steps": 0, "num_epochs": 2, "max_length": 32}


@pytest.fixture(scope="module")
def earlier(tiny_data: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fine-tuned bundle over Baker, Gardener, Nurse and Programmer."""
    config = {
        "base_model": str(tiny_base),
        "max_length": 32,
        "min_steps": 80,
        "num_epochs": 4,
        "batch_size": 8,
        "learning_rate": 3e-3,
    }
    return vocation.train(
        tiny_data, tmp_path_factory.mktemp("earlier") / "models", preset="full", config=config
    ).folder


def test_encoder_and_known_careers_are_carried_over(earlier: Path, tiny_base: Path) -> None:
    """Nurse has gone and Vet is new: the encoder and three rows of the classifier are the earlier
    ones, Vet's is fresh.
    """
    start = WarmStart.open(earlier)
    roles = ("Baker", "gardener", "Programmer", "Vet")  # careers are compared as labels are tidied
    network = start.network(roles, start.settings(vocation.TrainConfig(base_model=str(tiny_base))))
    state = torch.load(earlier / "career_model_cpu.pth")["model_state_dict"]
    own = network.state_dict()
    assert all(
        torch.equal(own[name], state[name].float())
        for name in state
        if name.startswith("base_model.")
    )
    assert [
        torch.equal(own["classifier.3.weight"][i], state["classifier.3.weight"][k].float())
        for i, k in ((0, 0), (1, 1), (2, 3))
    ] == [True] * 3
    assert not any(
        torch.equal(own["classifier.3.weight"][3], row.float())
        for row in state["classifier.3.weight"]
    )


def test_a_bundle_says_what_it_started_from(earlier: Path, tiny_base: Path, tmp_path: Path) -> None:
    rows = [
        ["Vet" if role == "Nurse" else role, text] for role, texts in TINY.items() for text in texts
    ]
    write_csv(tmp_path / "profiles.csv", ["role", "profile"], rows)
    metadata = vocation.train(
        tmp_path,
        tmp_path / "models",
        preset="head",
        config={**QUICK, "base_model": str(tiny_base)},
        start_from=earlier / "career_model_cpu.pth",
    ).metadata
    assert metadata["started_from"]["kept"] == ["Baker", "Gardener", "Programmer"]
    assert (metadata["started_from"]["new"], metadata["started_from"]["left_out"]) == (["Vet"], 1)
    assert any("the accuracy is then too high" in limit for limit in metadata["known_limits"])
    before, after = (
        torch.load(folder / "career_model_cpu.pth")["model_state_dict"]
        for folder in (earlier, tmp_path / "models")
    )
    assert all(
        torch.equal(before[name], after[name]) for name in before if name.startswith("base_model.")
    )


def test_what_cannot_be_gone_on_from_is_a_sentence(
    earlier: Path, tiny_base: Path, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=r"cannot be read \(No such file or directory\)"):
        WarmStart.open(tmp_path)
    start = WarmStart.open(earlier)
    own = vocation.TrainConfig(base_model=str(tiny_base), freeze_layers=2)
    with pytest.raises(
        ConfigError, match="freeze_layers must be below 2, this base model's layers, found 2"
    ):
        start.network(("Baker", "Vet"), start.settings(own))
    with pytest.raises(VocationError, match=r"which is not installed here.* in --config$"):
        start.settings(vocation.TrainConfig())  # a folder that only the file names
    start.checkpoint["config"]["base_model"] = "somebody/this"
    with pytest.raises(ConfigError, match="base_model must be the earlier model's"):
        start.network(("Baker", "Vet"), vocation.TrainConfig(base_model="elsewhere/other"))
