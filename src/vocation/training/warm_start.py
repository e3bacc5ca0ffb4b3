"""Warm start: an earlier model's encoder, and its classifier weights for the same careers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from vocation.bundle import pytorch_files
from vocation.bundle.check_weights import known_settings
from vocation.config import TrainConfig
from vocation.errors import BundleError, ConfigError
from vocation.reports import learnt, runs
from vocation.reports.learnt import Learnt
from vocation.text.clean import label_key
from vocation.training import pytorch_file
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork, Classifier

_SHAPES = ("base_model", "max_length", "hidden_dim")
LIMIT = (
    "It was trained from an earlier model. Rows that this one had learned may be among the test"
    " rows here; the accuracy is then too high."
)


@dataclass(frozen=True)
class WarmStart:
    """An earlier model: its career_model_cpu.pth (the path `where`), and its metadata."""

    where: Path
    checkpoint: dict[str, Any]
    metadata: dict[str, Any]

    @classmethod
    def open(cls, path: str | Path) -> WarmStart:
        """Read the model in a bundle's folder or in a .pth file, weights only.

        Raises BundleError for anything else.
        """
        file = pytorch_files.check_start(path)
        checkpoint = pytorch_file.read(file, follow=file == Path(path))
        return cls(file, checkpoint, pytorch_files.metadata(file.parent))

    @property
    def classes(self) -> list[str]:
        """The careers of the earlier model."""
        return list(self.checkpoint["classes"])

    @property
    def config(self) -> TrainConfig:
        """The settings of the earlier model that this version still has."""
        return TrainConfig.from_dict(known_settings(self.checkpoint["config"]))

    @property
    def fingerprint(self) -> str:
        """sha256 of the weights file."""
        return hashlib.sha256(self.where.read_bytes()).hexdigest()

    def learnt(self) -> Learnt | None:
        """The texts that it has learnt, by the records of runs beside its folder."""
        return learnt.find(runs.folder_for(self.where.parent), self.metadata)

    def lines(self, roles: Sequence[str], config: TrainConfig, data: str) -> Iterator[str]:
        """Report what is kept and its effect on accuracy; `data` is the rows' fingerprint."""
        provenance = self.provenance(roles, config)
        yield (
            f"Going on from {self.where}: its encoder"
            + (
                f", and what it knows of {len(provenance['kept'])} careers"
                if provenance["kept"]
                else ""
            )
            + "."
        )
        if provenance["kept"]:
            yield f"  kept: {', '.join(provenance['kept'])}"
        # Careers in common, but none kept: the hidden layers differ in size.
        elif len(provenance["new"]) < len(roles):
            before = self.config.hidden_dim
            yield (
                f"  the classifier starts from scratch, since hidden_dim was {before} (now"
                f" {config.hidden_dim})"
            )
        if provenance["new"]:
            yield f"  new: {', '.join(provenance['new'])}"
        if provenance["left_out"]:
            yield f"  no longer there: {provenance['left_out']} of its careers"
        if provenance["dataset"] == data:
            yield (
                "WARNING: it was trained on these rows, the test rows among them: the accuracy"
                " below is too high."
            )
        else:
            yield (
                "WARNING: rows that it learned may be among the test rows: where they are, the"
                " accuracy below is too high."
            )

    def settings(self, config: TrainConfig) -> TrainConfig:
        """`config`, where base model and sizes at their defaults become the earlier model's.

        Raises VocationError where that base model is not installed and nobody but the bundle names
        it.
        """
        earlier, usual = self.config, TrainConfig()
        if config.base_model == usual.base_model:
            base_models.of_bundle(earlier.base_model, "give it as base_model in --config")
        return replace(
            config,
            **{
                # A value that equals the default counts as not set: the two look the same here.
                name: getattr(earlier, name)
                for name in _SHAPES
                if getattr(config, name) == getattr(usual, name)
            },
        )

    def network(self, roles: Sequence[str], config: TrainConfig) -> CareerNetwork:
        """A network for `roles`: the earlier encoder, and what `carry` keeps of its classifier."""
        earlier = self.config
        # A folder may have another name here than where the earlier model was trained.
        if config.base_model != earlier.base_model and base_models.is_name(earlier.base_model):
            raise ConfigError(
                f"base_model must be the earlier model's, {earlier.base_model}, to start from"
                f" {self.where}; found {config.base_model}"
            )
        before = CareerNetwork.from_base(
            base := base_models.resolve(config.base_model), len(self.classes), earlier
        )
        try:
            pytorch_file.restore(
                before,
                self.checkpoint,
                self.where.parent,
                tuned=self.metadata.get("preset") != "head",
            )
        # load_state_dict raises it for a tensor of another shape.
        except RuntimeError as error:
            raise BundleError(
                f"{self.where}: its weights do not fit its own settings"
                f" ({str(error).splitlines()[0][:160]}): train again"
            ) from None
        # A new network, because the number of careers, and so its output layer, may differ.
        network = CareerNetwork.from_base(base, len(roles), config)
        network.base_model.load_state_dict(before.base_model.state_dict())
        network.pooling.load_state_dict(before.pooling.state_dict())
        self.carry(network.classifier, roles)
        return network

    def carry(self, classifier: Classifier, roles: Sequence[str]) -> list[str]:
        """Copy the earlier hidden layer, and the output weights of shared careers, to `classifier`.

        Returns the names of these careers; none where the hidden layers differ in size.
        """
        old = {
            name.removeprefix("classifier."): tensor.float()
            for name, tensor in self.checkpoint["model_state_dict"].items()
        }
        # Its tensors share memory with the classifier, so the copies below change it.
        own = classifier.state_dict()
        # 0 is the hidden layer, 3 the output layer with one row for each career.
        if old.get("0.weight", torch.empty(0)).shape != own["0.weight"].shape:
            return []
        # By key: a career keeps its weights where only the spelling of its name has changed.
        rows = {label_key(name): i for i, name in enumerate(self.classes)}
        kept = [
            (i, rows[label_key(role)]) for i, role in enumerate(roles) if label_key(role) in rows
        ]
        with torch.no_grad():
            for name in ("0.weight", "0.bias"):
                own[name].copy_(old[name])
            for i, row in kept:
                own["3.weight"][i], own["3.bias"][i] = old["3.weight"][row], old["3.bias"][row]
        return [roles[i] for i, _ in kept]

    def provenance(self, roles: Sequence[str], config: TrainConfig) -> dict[str, Any]:
        """Metadata of the warm start: which model, and which careers were kept, new or dropped."""
        known = {label_key(name) for name in self.classes}
        own = [role for role in roles if label_key(role) in known]
        dataset = self.metadata.get("dataset") or {}
        return {
            "trained": self.metadata.get("trained"),
            "dataset": dataset.get("sha256"),
            "kept": (own if self.config.hidden_dim == config.hidden_dim else []),
            "new": [role for role in roles if role not in own],
            "left_out": len(known) - len(own),
        }
