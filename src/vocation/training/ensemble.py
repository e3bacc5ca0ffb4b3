"""Several bundles made into one that averages their probabilities. Of members with the same encoder
its graph is kept once, with all their heads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from vocation.bundle import ensemble, layout, reader, writer
from vocation.errors import BundleError, ConfigError, VocationError
from vocation.progress import NullProgress
from vocation.reports import card
from vocation.reports.checklist import QUERIES
from vocation.serving import batch
from vocation.serving.inputs import account
from vocation.serving.network import Network
from vocation.serving.recommend import Recommender
from vocation.training import ensemble_metadata
from vocation.training.encoder.export import json_file

Rows = tuple[str | Path, str, str]
"""A file with labelled rows, its column with the text, its column with the career."""

_SAME = 1e-6
"""Largest difference of two encoders' features, and of the ensemble's probabilities from the mean
of its members'.
"""


class _Part:
    """A member while the ensemble is made: its files as they were read and what it answers."""

    def __init__(self, path: Path) -> None:
        self.name = re.sub(r"\.zip$", "", Path(os.path.realpath(path)).name)
        self.files = reader.read_serving(path)
        self.opened = reader.read_files(self.files, str(path))
        self.recommender = Recommender(self.opened)
        self.network = Network(self.opened.model, self.opened.tokenizer)

    def same_encoder(self, other: _Part) -> bool:
        """Whether both make the same features of the same texts, cut into the same tokens."""
        if self.opened.tokenizer != other.opened.tokenizer:
            return False
        mine, others = (one.network.run(QUERIES).features for one in (self, other))
        return mine.shape == others.shape and bool(np.abs(mine - others).max() <= _SAME)


def build_ensemble(
    members: Sequence[str | Path],
    output: str | Path,
    rows: Rows | None = None,
    progress: NullProgress | None = None,
) -> dict[str, Any]:
    """Write the ensemble of the bundles `members` (folders or zips) to `output`, prove that it
    averages them, and return its metadata.

    With `rows` every member and the ensemble are measured on them, role names masked. Raises
    VocationError for what the caller can fix.
    """
    _check_places(members, Path(output))
    progress = progress or NullProgress()
    parts = [_Part(Path(path)) for path in members]
    classes = ensemble.union([part.recommender.classes for part in parts])
    _check_careers(parts)
    firsts = [
        next(i for i, one in enumerate(parts[: k + 1]) if one is part or part.same_encoder(one))
        for k, part in enumerate(parts)
    ]
    files = _member_files(parts, firsts)
    metadata = ensemble_metadata.metadata(
        [part.name for part in parts],
        [part.opened.metadata for part in parts],
        classes,
        len(set(firsts)),
    )
    careers = {
        career.name: career.to_dict() for part in reversed(parts) for career in part.opened.careers
    }
    files[layout.PROFILES] = json_file([careers[name] for name in classes])
    files |= {layout.METADATA: json_file(metadata), layout.CARD: b""}
    recommender = Recommender(reader.read_files(files, "the new ensemble"))
    _prove(recommender, parts, classes)
    sizes = [sum(map(len, part.files.values())) for part in parts], sum(map(len, files.values()))
    metadata |= {
        "size_bytes": sizes[1],
        "cost": ensemble_metadata.cost(
            [part.recommender for part in parts], sizes[0], recommender, sizes[1]
        ),
    }
    if rows is not None:
        figures = [
            batch.evaluate(*rows, one, progress)
            for one in (*(part.recommender for part in parts), recommender)
        ]
        ensemble_metadata.add_metrics(metadata, figures, Path(rows[0]).name)
        for line in account(figures[-1]["unread"], figures[-1]["hints"]):
            progress.line(line)
    metadata |= {
        "known_limits": card.ensemble_limits(metadata),
        "sample_predictions": card.samples(recommender),
    }
    files[layout.METADATA] = json_file(metadata)
    files[layout.CARD] = card.text(metadata).encode("utf-8")
    writer.write(output, files)
    Recommender.load(output)
    return metadata


def _check_places(members: Sequence[str | Path], output: Path) -> None:
    if not 2 <= len(members) <= ensemble.MOST:
        raise ConfigError(
            f"an ensemble needs 2 to {ensemble.MOST} bundles, found {len(members)}: name their"
            " folders or zips"
        )
    real = [_place(Path(member)) for member in members]
    twice = next((member for i, member in enumerate(members) if real[i] in real[:i]), None)
    if twice is not None:
        raise ConfigError(f"{twice} is named twice: an ensemble needs different bundles")
    if _place(output) in real:
        raise ConfigError(
            f"{output} is one of the bundles to average: give another folder with --output"
        )
    if output.is_file():
        raise ConfigError(f"{output} is a file: give a folder with --output")


def _place(path: Path) -> str:
    """Where a bundle really is: a zip of the usual name inside its folder is that folder."""
    real = os.path.realpath(path)
    return os.path.dirname(real) if os.path.basename(real) == layout.ZIP else real


def _check_careers(parts: Sequence[_Part]) -> None:
    for i, part in enumerate(parts):
        others = {
            name for k, other in enumerate(parts) if k != i for name in other.recommender.classes
        }
        if not others & set(part.recommender.classes):
            raise BundleError(
                f"{part.opened.where} has no career in common with the other bundles: name bundles"
                " for the same or overlapping careers"
            )


def _member_files(parts: Sequence[_Part], firsts: Sequence[int]) -> dict[str, bytes]:
    """The numbered files of all members and the list that says whose is whose; equal contents are
    kept once.
    """
    models = {
        first: merged(
            [part.opened.model for part, own in zip(parts, firsts, strict=True) if own == first]
        )
        for first in set(firsts)
    }
    files: dict[str, bytes] = {}
    members = []
    for i, (part, first) in enumerate(zip(parts, firsts, strict=True)):
        owners = {}
        for name, content in part.files.items():
            if name == layout.MODEL:
                owner, content = first, models[first]
            elif name == layout.TOKENIZER:
                owner = first
            else:
                owner = next(k for k in range(i + 1) if parts[k].files.get(name) == content)
            owners[name] = owner + 1
            files[ensemble.file_of(owner + 1, name)] = content
        members.append({"name": part.name, "files": owners})
    return {ensemble.LIST: json_file({"members": members}), **files}


def merged(models: Sequence[bytes]) -> bytes:
    """One graph with the first one's encoder and the heads of all: their logits and scopes side by
    side, in order.
    """
    if len(models) == 1:
        return models[0]
    whole = onnx.load_from_string(models[0])
    base = whole.graph
    first = _heads(base)
    kept = [node for node in base.node if not any(node is head for head in first)]
    heads = [
        _renamed(graph, i)
        for i, graph in enumerate(onnx.load_from_string(model).graph for model in models)
    ]
    used = {name for node in kept for name in node.input}
    tensors = [tensor for tensor in base.initializer if tensor.name in used] + [
        tensor for _, own in heads for tensor in own
    ]
    nodes = kept + [node for own, _ in heads for node in own]
    for name in ("logits", "scope"):
        nodes.append(
            helper.make_node(
                "Concat", [f"{i}:{name}" for i in range(len(models))], [name], name=name, axis=1
            )
        )
    features = next(value for value in base.output if value.name == "features")
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", None])
        for name in ("logits", "scope")
    ]
    graph = helper.make_graph(
        nodes, base.name, list(base.input), [features, *outputs], initializer=tensors
    )
    result = helper.make_model(
        graph, opset_imports=list(whole.opset_import), ir_version=whole.ir_version
    )
    result.functions.extend(whole.functions)
    return bytes(result.SerializeToString())


def _heads(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The nodes that `features` do not depend on."""
    maker = {name: node for node in graph.node for name in node.output}
    wanted, seen = ["features"], set()
    while wanted:
        name = wanted.pop()
        if name in maker and name not in seen:
            wanted += maker[name].input
        seen.add(name)
    return [node for node in graph.node if not set(node.output) & seen]


def _renamed(
    graph: onnx.GraphProto, number: int
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """The heads of a graph and their numbers, with `number` before every name but that of the
    features.
    """
    nodes = _heads(graph)
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    made = {name for node in nodes for name in node.output}
    if any(
        name and name != "features" and name not in made and name not in tensors
        for node in nodes
        for name in node.input
    ):
        raise BundleError(
            "the network of a bundle has heads that read more than its features: train it again"
            " with this version"
        )
    own = [
        tensors[name]
        for name in dict.fromkeys(name for node in nodes for name in node.input)
        if name in tensors
    ]
    for node in nodes:
        for names in (node.input, node.output):
            names[:] = [
                f"{number}:{name}" if name and name != "features" else name for name in names
            ]
        node.name = f"{number}:{node.name}"
    for tensor in own:
        tensor.name = f"{number}:{tensor.name}"
    return nodes, own


def _prove(recommender: Recommender, parts: Sequence[_Part], classes: Sequence[str]) -> None:
    """The files must answer with the mean of what the members answer."""
    columns: list[NDArray[Any]] = [
        np.array([classes.index(name) for name in part.recommender.classes]) for part in parts
    ]
    expected = ensemble.pool(
        [part.recommender.probabilities(QUERIES) for part in parts], columns, len(classes)
    )
    drift = float(np.abs(recommender.probabilities(QUERIES) - expected).max())
    if not drift <= _SAME:
        raise VocationError(
            "the ensemble does not answer with the mean of its members (probabilities differ by"
            f" {drift:.2g}): nothing was written"
        )
