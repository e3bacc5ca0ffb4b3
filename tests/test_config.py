from __future__ import annotations

import json
from pathlib import Path

import pytest

from vocation import TrainConfig
from vocation.errors import ConfigError


def test_defaults_are_the_guides() -> None:
    guide = {
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "max_length": 128,
        "hidden_dim": 256,
        "dropout": 0.3,
        "batch_size": 32,
        "learning_rate": 2e-5,
        "num_epochs": 10,
        "warmup_steps": 100,
        "patience": 3,
    }
    assert guide.items() <= TrainConfig().to_dict().items()


def test_all_bad_values_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_dict({"dropout": 3, "batch_size": 2.5, "num_epoch": 5, "seed": True})
    message = str(caught.value)
    assert "dropout must be a number from 0 to 0.9, found 3" in message
    assert "batch_size must be a whole number from 1 to 1024, found 2.5" in message
    assert "'num_epoch' is not a setting: did you mean num_epochs?" in message
    assert "seed must be a whole number from 0 to 4294967295, found True" in message


def test_json_file_in_and_out(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"num_epochs": 20, "dropout": 0.5}), encoding="utf-8")
    config = TrainConfig.from_file(path)
    assert (config.num_epochs, config.dropout) == (20, 0.5)
    assert TrainConfig.from_dict(config.to_dict()) == config
    path.write_text("num_epochs: 20", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not JSON"):
        TrainConfig.from_file(path)


def test_a_setting_that_does_not_act_is_known() -> None:
    config = TrainConfig(learning_rate=5e-5)
    assert config.idle_keys("head") == ["learning_rate"]
    assert config.idle_keys("full") == []
