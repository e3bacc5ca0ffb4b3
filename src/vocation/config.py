"""The settings of a training: one frozen configuration with every default and the only seed."""

from __future__ import annotations

import difflib
import json
import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from vocation.errors import ConfigError
from vocation.files import open_regular

_LARGEST = 1_000_000  # bytes of a file with settings that are read

PRESETS = ("auto", "head", "full")
TRACKERS = ("none", "tensorboard", "mlflow", "trackio", "wandb")
"""Packages that can draw the curves of a run; its own record is written in any case."""

# Which presets a key acts in; a key that is not listed acts in all of them.
_ACTS_IN = dict.fromkeys(
    ("learning_rate", "freeze_layers", "precision", "gradient_checkpointing"), ("full",)
)

_RANGES: dict[str, tuple[float, float]] = {
    "max_length": (8, 512),
    "hidden_dim": (8, 4096),
    "dropout": (0.0, 0.9),
    "batch_size": (1, 1024),
    "learning_rate": (1e-7, 1e-2),
    "num_epochs": (1, 1000),
    "warmup_steps": (0, 100_000),
    "patience": (1, 1000),
    "head_learning_rate": (1e-6, 1e-1),
    "min_steps": (0, 100_000),
    "accumulation": (1, 1024),
    "freeze_layers": (-1, 1000),
    "augment_factor": (1.0, 20.0),
    # np.random.seed takes no larger one.
    "seed": (0, 2**32 - 1),
}

AUGMENT = ("none", "synonym", "paraphrase", "all")
BALANCE = ("none", "oversample", "weights")
_CHOICES: dict[str, tuple[object, ...]] = {
    "precision": ("auto", "float32", "bfloat16", "float16"),
    "gradient_checkpointing": (False, True),
    "mask_person": (True, False),
    "report_to": TRACKERS,
    "augment": AUGMENT,
    "balance": BALANCE,
}


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Settings of one training run.

    base_model: a sentence-transformers model, as a hub id or a folder.
    max_length: tokens that the encoder reads at a time; longer text is read in several windows.
    hidden_dim: width of the classifier's hidden layer.
    dropout: share of hidden units switched off while training, 0 to 0.9.
    batch_size: rows per step.
    learning_rate: of the encoder's lowest layer, five times that at the top; the upper third is
    trained. Acts in the full preset only.
    num_epochs: passes over the training rows, each followed by a validation; longer where they
    would make fewer than `min_steps` steps.
    warmup_steps: steps until the full learning rate is reached, at most a tenth of all steps.
    patience: epochs without improvement until training stops.
    head_learning_rate: of the classifier, which starts from random weights and needs larger steps
    than the encoder.
    min_steps: the lowest number of steps: ten epochs of 50 rows are only 20 steps.
    freeze_layers: how many layers, from below, fine-tuning keeps frozen; -1 the lower two thirds.
    accumulation: gradient accumulation, each step in that many parts, to save memory; raised
    automatically where memory runs out.
    precision: of fine-tuning: "auto" (bfloat16 or float16 on a graphics card, else float32),
    "float32", "bfloat16" or "float16".
    gradient_checkpointing: recompute activations to save memory, about a third slower.
    mask_person: names, titles, pronouns, words such as mother or girl, and what somebody says of
    age, origin, religion, health and family are made neutral before the model reads a text, see
    `text.person`.
    report_to: "tensorboard", "mlflow", "trackio" or "wandb" draws the curves while training; "none"
    by default.
    augment: method of data augmentation for the training rows, see `augment.augment_data`.
    augment_factor: rows together with their variants, as a multiple of the rows. Acts with
    `augment` only.
    balance: "oversample" repeats examples of rare careers, "weights" gives them a larger weight in
    the loss.
    seed: the only one; the same data, settings and machine give the same model.
    """

    base_model: str = "sentence-transformers/all-MiniLM-L6-v2"
    max_length: int = 128
    hidden_dim: int = 256
    dropout: float = 0.3
    batch_size: int = 32
    learning_rate: float = 2e-5
    num_epochs: int = 10
    warmup_steps: int = 100
    patience: int = 3
    head_learning_rate: float = 1e-3
    min_steps: int = 400
    freeze_layers: int = -1
    accumulation: int = 1
    precision: str = "auto"
    gradient_checkpointing: bool = False
    mask_person: bool = True
    report_to: str = "none"
    augment: str = "none"
    augment_factor: float = 2.0
    balance: str = "none"
    seed: int = 42

    def __post_init__(self) -> None:
        # The annotations are texts, because of the import from __future__ above.
        whole = {f.name: f.type == "int" for f in fields(self)}
        found = ((name, getattr(self, name), whole[name]) for name in _RANGES)
        # All problems at once: nobody wants to find them one by one.
        problems = [
            problem
            for name, value, integral in found
            if (problem := _check_number(name, value, integral))
        ]
        for name, choices in _CHOICES.items():
            # 1 == True in Python: a number must not pass for a switch.
            if getattr(self, name) not in choices or isinstance(
                getattr(self, name), bool
            ) is not isinstance(choices[0], bool):
                problems.append(
                    f"{name} must be one of {', '.join(map(json.dumps, choices))}, found"
                    f" {reprlib.repr(getattr(self, name))}"
                )
        if not isinstance(self.base_model, str) or not self.base_model.strip():
            problems.append(
                "base_model must be a model's name or folder, found"
                f" {reprlib.repr(self.base_model)}"
            )
        if problems:
            raise ConfigError("; ".join(problems))

    def to_dict(self) -> dict[str, Any]:
        """Every key with its value, as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """A configuration from plain values.

        Raises one ConfigError that names every unknown key and every impossible value.
        """
        known = [f.name for f in fields(cls)]
        unknown = [_unknown_key(key, known) for key in values if key not in known]
        try:
            # Tried without the unknown keys, so that one error names all mistakes.
            config = cls(**{key: value for key, value in values.items() if key in known})
        except ConfigError as error:
            raise ConfigError("; ".join([*unknown, str(error)])) from None
        if unknown:
            raise ConfigError("; ".join(unknown))
        return config

    @classmethod
    def from_file(cls, path: str | Path) -> TrainConfig:
        """A configuration from a JSON file with any of the keys; raises ConfigError as above."""
        try:
            # Editors on Windows may put a byte order mark in front, which JSON does not allow.
            with open_regular(path) as file:
                values = json.loads(file.read(_LARGEST + 1).decode("utf-8-sig"))
        except OSError as error:
            raise ConfigError(
                f"the configuration {path} cannot be read: {error.strerror}"
            ) from None
        except (ValueError, RecursionError) as error:  # the latter: too many lists within lists
            raise ConfigError(f"the configuration {path} is not JSON ({error})") from None
        if not isinstance(values, dict):
            raise ConfigError(
                f'the configuration {path} must be a JSON object such as {{"num_epochs": 10}}'
            )
        return cls.from_dict(values)

    def idle_keys(self, preset: str) -> list[str]:
        """Keys that differ from their default but have no effect in `preset`: worth a warning."""
        default = TrainConfig()
        return [
            key
            for key, presets in _ACTS_IN.items()
            if preset not in presets and getattr(self, key) != getattr(default, key)
        ]


def _check_number(name: str, value: object, whole: bool) -> str | None:
    low, high = _RANGES[name]
    if (
        isinstance(value, bool)
        or not isinstance(value, int if whole else (int, float))
        # NaN is refused, too: it compares as false.
        or not low <= value <= high
    ):
        return (
            f"{name} must be a {'whole ' if whole else ''}number from {low:g} to {high:.10g}, found"
            f" {reprlib.repr(value)}"
        )
    return None


def _unknown_key(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(str(key), known, n=1)
    hint = f"did you mean {near[0]}?" if near else "known are " + ", ".join(known)
    return f"{reprlib.repr(key)} is not a setting: {hint}"
