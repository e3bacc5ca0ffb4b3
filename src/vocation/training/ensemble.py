"""Build one bundle that averages the probabilities of several.

Members with the same encoder share one graph, which has the heads of all of them.
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
from vocation.reports import card, samples
from vocation.reports.checklist import QUERIES
from vocation.serving import batch
from vocation.serving.inputs import account
from vocation.serving.network import Network
from vocation.serving.recommend import Recommender
from vocation.training import ensemble_metadata
from vocation.training.encoder.export import json_file

Rows = tuple[str | Path, str, str]
"""A file with labelled rows, the name of its text column, the name of its career column."""

_NAMED = 3  # careers that a message names

_SAME = 1e-6
"""Tolerance for features of equal encoders, and for probabilities against the members' mean."""


class _Part:
    """A member while the ensemble is built: its files as bytes, and the recommender from them."""

    def __init__(self, path: Path) -> None:
        # The name behind symbolic links: "team.zip" gives "team", "a.zip.old" stays.
        self.name = re.sub(r"\.zip$", "", Path(os.path.realpath(path)).name)
        self.files = reader.read_serving(path)
        self.opened = reader.read_files(self.files, str(path))
        self.recommender = Recommender(self.opened)
        opened = self.opened
        self.network = Network(opened.model, opened.tokenizer, opened.embeddings.shape[1])

    def same_encoder(self, other: _Part) -> bool:
        """Whether both have the same tokenizer and compute the same features."""
        if self.opened.tokenizer != other.opened.tokenizer:
            return False
        # Compared by output: equal encoders can differ in the bytes of their graphs.
        mine, others = (one.network.run(QUERIES).features for one in (self, other))
        return mine.shape == others.shape and bool(np.abs(mine - others).max() <= _SAME)


def build_ensemble(
    members: Sequence[str | Path],
    output: str | Path,
    rows: Rows | None = None,
    progress: NullProgress | None = None,
) -> dict[str, Any]:
    """Write the ensemble of the bundles `members` (folders or zips) to `output`.

    Checks that it averages them, and returns its metadata. With `rows` every member and the
    ensemble are evaluated on them, role names masked. Raises VocationError for anything that the
    caller can fix.
    """
    _check_places(members, Path(output))
    progress = progress or NullProgress()
    parts = [_Part(Path(path)) for path in members]
    _check_careers(parts)
    classes = list(parts[0].recommender.classes)
    # For each member the first one with the same encoder, which may be itself.
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
    # Reversed: of members with the same career the first one's entry overwrites the others.
    careers = {
        career.name: career.to_dict() for part in reversed(parts) for career in part.opened.careers
    }
    files[layout.PROFILES] = json_file([careers[name] for name in classes])
    # The card is a placeholder: it needs figures of the finished ensemble.
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
        "sample_predictions": samples.of(recommender),
    }
    # Again, now with figures, limits and samples.
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
    """The real path of a bundle; for the usual zip inside a bundle's folder, that folder."""
    real = os.path.realpath(path)
    return os.path.dirname(real) if os.path.basename(real) == layout.ZIP else real


def _check_careers(parts: Sequence[_Part]) -> None:
    """Raise BundleError where two members do not know the same careers.

    A member that lacks a career gives its probability to others, or abstains: the mean would spoil
    what the other member knows.
    """
    first, *others = parts
    for other in others:
        one, two = set(first.recommender.classes), set(other.recommender.classes)
        if one != two:
            only = [
                f"only {part.opened.where} knows {_some(sorted(own))}"
                for part, own in ((first, one - two), (other, two - one))
                if own
            ]
            raise BundleError(
                f"an ensemble needs bundles for the same careers, but {'; '.join(only)}. Averaged,"
                " each would spoil the answers of the other: train one bundle on all the data"
                " instead, with the files in one folder, or with --add-to-defaults to keep the"
                " default careers"
            )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _member_files(parts: Sequence[_Part], firsts: Sequence[int]) -> dict[str, bytes]:
    """The numbered files of all members, equal contents once, and the list of their owners."""
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
                # The first member with these bytes owns them; at the latest it is this one.
                owner = next(k for k in range(i + 1) if parts[k].files.get(name) == content)
            owners[name] = owner + 1
            files[ensemble.file_of(owner + 1, name)] = content
        members.append({"name": part.name, "files": owners})
    return {ensemble.LIST: json_file({"members": members}), **files}


def merged(models: Sequence[bytes]) -> bytes:
    """One graph: the first model's encoder, and the logits and scopes of all, concatenated."""
    if len(models) == 1:
        return models[0]
    whole = onnx.load_from_string(models[0])
    base = whole.graph
    first = _heads(base)
    # By identity, since protobuf messages cannot be hashed.
    kept = [node for node in base.node if not any(node is head for head in first)]
    # Loaded anew, the first one too: `_renamed` changes nodes in place, and `kept` must stay.
    heads = [
        _renamed(graph, i)
        for i, graph in enumerate(onnx.load_from_string(model).graph for model in models)
    ]
    used = {name for node in kept for name in node.input}
    # Only what the encoder reads: the first model's heads come again with new names.
    tensors = [tensor for tensor in base.initializer if tensor.name in used] + [
        tensor for _, own in heads for tensor in own
    ]
    nodes = kept + [node for own, _ in heads for node in own]
    for name in ("logits", "scope"):
        # Rows are texts, so columns are joined (axis 1).
        nodes.append(
            helper.make_node(
                "Concat", [f"{i}:{name}" for i in range(len(models))], [name], name=name, axis=1
            )
        )
    features = next(value for value in base.output if value.name == "features")
    outputs = [
        # None: the number of columns is left open.
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
    # Walk back from `features` through the inputs; what was not reached is a head.
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
    """The heads of a graph and their tensors, with `number` before each name but `features`."""
    nodes = _heads(graph)
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    made = {name for node in nodes for name in node.output}
    # An empty name is an optional input that ONNX leaves out.
    if any(
        name and name != "features" and name not in made and name not in tensors
        for node in nodes
        for name in node.input
    ):
        raise BundleError(
            "the network of a bundle has heads that read more than its features: train it again"
            " with this version"
        )
    # dict.fromkeys: each tensor once, in the order of its first use.
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
    """Raise VocationError where the ensemble does not answer with the mean of its members."""
    columns: list[NDArray[Any]] = [
        np.array([classes.index(name) for name in part.recommender.classes]) for part in parts
    ]
    expected = ensemble.pool(
        [part.recommender.probabilities(QUERIES, by_name=False) for part in parts],
        columns,
        len(classes),
    )
    drift = float(np.abs(recommender.probabilities(QUERIES, by_name=False) - expected).max())
    if not drift <= _SAME:  # also where it is not a number
        raise VocationError(
            "the ensemble does not answer with the mean of its members (probabilities differ by"
            f" {drift:.2g}): nothing was written"
        )
