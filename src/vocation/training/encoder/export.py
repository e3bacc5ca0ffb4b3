"""From the training network to the files that serve: an 8-bit ONNX graph, made before anything is
fitted on its output.

The encoder is quantised first; classifier, calibration and published figures are then made on the
vectors of this very graph, so nothing drifts after measuring. Weights keep a scale for each output,
activations a scale for each token, and products of whole numbers are exact: the same text gets the
same vector alone and in any batch, which plain dynamic int8 does not give.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import pickle
import warnings
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.preprocessing import LabelEncoder
from tokenizers import Tokenizer
from torch import Tensor, nn

from vocation.errors import VocationError
from vocation.serving.network import OUTPUTS
from vocation.training.domain import DomainClassifier
from vocation.training.encoder.cache import cached
from vocation.training.encoder.network import CareerNetwork, Classifier

_LARGEST_WEIGHT = 64
"""Of the rounded weights. Processors without VNNI add two products of 8 bits in 16 bits, and
2 * 255 * 64 is the largest sum that fits: with 127 their answers would differ without a word."""
_LARGEST_ACTIVATION = 127  # of the rounded activations, on either side of _ZERO
_ZERO = 128  # stands for 0 among the rounded activations, which have no sign
_TABLE_SIZE = 1_000_000  # elements from which an embedding table is worth 8 bits
_OPSET = 20
_VERSION = 5  # of this export: part of the cache's key


class _Encoder(nn.Module):
    def __init__(self, network: CareerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor, window_weights: Tensor) -> Tensor:
        return self.network.features(input_ids, attention_mask, window_weights)


def encoder_graph(network: CareerNetwork) -> bytes:
    """The quantised encoder of `network` as an ONNX model without heads; taken from the cache where
    the same weights were exported before.
    """
    digest = hashlib.sha256(f"{_VERSION} {torch.__version__} {onnx.__version__}".encode())
    # The classifier is no part of the key: heads are added behind the stored graph.
    for name, weight in sorted(
        [*network.base_model.state_dict().items(), *network.pooling.state_dict().items()]
    ):
        digest.update(name.encode() + weight.detach().cpu().contiguous().numpy().tobytes())
    # The printed modules tell apart equal weights in another structure, such as another pooling.
    digest.update(f"{network.base_model} {network.pooling} {network.longest}".encode())
    name = f"encoder-{digest.hexdigest()[:32]}.onnx"
    return cached(
        name,
        lambda: _quantised(
            _exported(network), int(network.classifier[0].in_features)
        ).SerializeToString(),
    )


def with_heads(encoder: bytes, classifier: Classifier, scope: DomainClassifier) -> bytes:
    """The one graph of a bundle: the encoder's with `classifier` and `scope` behind it; outputs are
    `features`, `logits` and `scope`.
    """
    model = onnx.load_from_string(encoder)
    graph = model.graph
    value = "features"
    for i, layer in enumerate(classifier):
        name = f"classifier.{i}"
        if isinstance(layer, nn.Linear):
            # The factor of the features goes into the first weights: the graph has no step for it.
            weight = layer.weight * classifier.scale if i == 0 else layer.weight
            for part, tensor in (("weight", weight), ("bias", layer.bias)):
                graph.initializer.append(
                    numpy_helper.from_array(tensor.detach().float().numpy(), f"{name}.{part}")
                )
            graph.node.append(
                helper.make_node(
                    "Gemm",
                    [value, f"{name}.weight", f"{name}.bias"],
                    [f"{name}.out"],
                    name=name,
                    # torch keeps weights as (out, in), Gemm multiplies by (in, out).
                    transB=1,
                )
            )
        elif isinstance(layer, nn.ReLU):
            graph.node.append(helper.make_node("Relu", [value], [f"{name}.out"], name=name))
        else:  # dropout does nothing outside training
            continue
        value = f"{name}.out"
    # A graph's output needs its fixed name, whatever the last layer is called.
    graph.node.append(helper.make_node("Identity", [value], ["logits"], name="logits"))
    graph.output.append(
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", "classes"])
    )
    for part, array in (("weight", scope.weights[:, None]), ("bias", np.array([scope.bias]))):
        graph.initializer.append(numpy_helper.from_array(array.astype(np.float32), f"scope.{part}"))
    graph.node.append(
        helper.make_node(
            "Gemm", ["features", "scope.weight", "scope.bias"], ["scope"], name="scope"
        )
    )
    graph.output.append(helper.make_tensor_value_info("scope", TensorProto.FLOAT, ["texts", 1]))
    return bytes(model.SerializeToString())


def _exported(network: CareerNetwork) -> onnx.ModelProto:
    texts, windows, length = (
        torch.export.Dim(name, min=low, max=high)
        for name, low, high in (
            ("texts", 1, 4096),
            ("windows", 1, 4096),
            ("length", 2, network.longest),
        )
    )
    # Three windows of two texts: sizes that differ, so that the exporter takes none for another.
    ids = torch.ones(3, 9, dtype=torch.long)
    example = (ids, torch.ones_like(ids), torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]))
    shapes = ({0: windows, 1: length}, {0: windows, 1: length}, {0: texts, 1: windows})
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    trained_with = network.base_model.config._attn_implementation
    network.base_model.set_attn_implementation(
        "eager"
    )  # a plainer graph: a sixth faster on long texts
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):  # the exporter reports its steps to standard output
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Encoder(network.eval()),
            example,
            dynamo=True,
            verbose=False,
            opset_version=_OPSET,
            input_names=["input_ids", "attention_mask", "window_weights"],
            output_names=["vectors"],
            dynamic_shapes=shapes,
        )
    # The network may be trained on after this export.
    network.base_model.set_attn_implementation(trained_with)
    if program is None:
        raise VocationError(
            "this base model could not be exported to ONNX: choose another base_model"
        )
    model: onnx.ModelProto = program.model_proto
    # The shapes in between and the exporter's notes only cost space in the bundle.
    del model.graph.value_info[:]
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]  # the exporter notes source files of the training machine
        node.doc_string = ""
        for names in (node.input, node.output):  # our outputs' names must be free
            names[:] = [f"inner.{name}" if name in OUTPUTS else name for name in names]
    return model


def _quantised(model: onnx.ModelProto, size: int) -> onnx.ModelProto:
    result = onnx.ModelProto()
    result.CopyFrom(model)
    _quantise_products(result.graph)
    _quantise_tables(result.graph)
    result.graph.node.append(
        helper.make_node("Identity", ["vectors"], ["features"], name="features")
    )
    # The number of features is stated, because `feature_size` and the heads read it here.
    result.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["texts", size])
    )
    return result


def _quantise_products(graph: onnx.GraphProto) -> None:
    """Products with a table of weights are computed in whole numbers: x W = s (x / s) (W / t) t,
    where s is a scale for each token and t one for each output.
    """
    tables = {table.name: table for table in graph.initializer if len(table.dims) == 2}
    for name, value in (
        ("least", np.array(1e-12, np.float32)),  # a token of zeros keeps zeros
        ("largest", np.array(_LARGEST_ACTIVATION, np.float32)),
        ("one", np.array(1, np.float32)),
        ("zero", np.array(_ZERO, np.uint8)),
        ("last", np.array([-1], np.int64)),
    ):
        graph.initializer.append(numpy_helper.from_array(value, f"int8.{name}"))
    nodes: list[onnx.NodeProto] = []
    rounded: set[str] = set()
    for node in graph.node:
        table = tables.get(node.input[1]) if node.op_type == "MatMul" else None
        if table is None:
            nodes.append(node)
            continue
        tokens, weights, out = node.input[0], table.name, node.output[0]
        if tokens not in rounded:  # three products of attention read the same tokens
            rounded.add(tokens)
            nodes += [
                _node("Abs", [tokens], f"{tokens}.abs"),
                _node("ReduceMax", [f"{tokens}.abs", "int8.last"], f"{tokens}.max", keepdims=1),
                _node("Max", [f"{tokens}.max", "int8.least"], f"{tokens}.most"),
                _node("Div", [f"{tokens}.most", "int8.largest"], f"{tokens}.scale"),
                _node("Div", [tokens, f"{tokens}.scale"], f"{tokens}.scaled"),
                _node(
                    "QuantizeLinear",
                    [f"{tokens}.scaled", "int8.one", "int8.zero"],
                    f"{tokens}.int8",
                ),
            ]
        if f"{weights}.int8" not in {one.name for one in graph.initializer}:
            floats = numpy_helper.to_array(table).astype(np.float32)
            scale = np.maximum(np.abs(floats).max(axis=0), 1e-12) / _LARGEST_WEIGHT
            for part, array in (
                ("int8", np.round(floats / scale).astype(np.int8)),
                ("scale", scale.astype(np.float32)),
            ):
                graph.initializer.append(numpy_helper.from_array(array, f"{weights}.{part}"))
        nodes += [
            _node(
                "MatMulInteger", [f"{tokens}.int8", f"{weights}.int8", "int8.zero"], f"{out}.int"
            ),
            _node("Cast", [f"{out}.int"], f"{out}.cast", to=TensorProto.FLOAT),
            _node("Mul", [f"{out}.cast", f"{weights}.scale"], f"{out}.part"),
            _node("Mul", [f"{out}.part", f"{tokens}.scale"], out),
        ]
    _replace(graph, nodes)


def _node(kind: str, inputs: list[str], output: str, **attributes: int) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def _replace(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Give the graph other nodes, and keep the tables that they read."""
    used = {name for node in nodes for name in node.input}
    kept = [table for table in graph.initializer if table.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


def _quantise_tables(graph: onnx.GraphProto) -> None:
    """Word tables are kept in 8 bits with one scale a row, and made floats again only for the rows
    that a text needs.
    """
    tables = {
        table.name: table
        for table in graph.initializer
        if len(table.dims) == 2 and np.prod(table.dims) >= _TABLE_SIZE
    }
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None:
            nodes.append(node)
            continue
        floats = numpy_helper.to_array(table).astype(np.float32)
        # (tokens, 1): the largest number of each row becomes 127. A row of zeros keeps zeros.
        scale = np.maximum(np.abs(floats).max(axis=1, keepdims=True), 1e-12) / 127
        graph.initializer.append(
            numpy_helper.from_array(np.round(floats / scale).astype(np.int8), f"{table.name}.int8")
        )
        graph.initializer.append(
            numpy_helper.from_array(scale.astype(np.float32), f"{table.name}.scale")
        )
        out, ids = node.output[0], node.input[1]
        # Gather comes before Cast: only the rows of the text's tokens become floats.
        nodes += [
            _node("Gather", [f"{table.name}.int8", ids], f"{out}.int8"),
            _node("Cast", [f"{out}.int8"], f"{out}.cast", to=TensorProto.FLOAT),
            _node("Gather", [f"{table.name}.scale", ids], f"{out}.scale"),
            _node("Mul", [f"{out}.cast", f"{out}.scale"], out),
        ]
    _replace(graph, nodes)  # a table that something else than Gather reads stays in floats as well


def feature_size(encoder: bytes) -> int:
    """How many features an encoder graph puts out for a text."""
    return int(
        onnx.load_from_string(encoder).graph.output[0].type.tensor_type.shape.dim[1].dim_value
    )


def load_tokenizer(content: bytes) -> Tokenizer:
    """The tokenizer of a tokenizer.json."""
    return Tokenizer.from_buffer(content)


def label_file(classes: list[str]) -> bytes:
    """label_encoder.pkl: a scikit-learn LabelEncoder for the guide's users, never read here."""
    return pickle.dumps(LabelEncoder().fit(classes))


def table_file(matrix: np.ndarray[Any, Any]) -> bytes:
    """A table in the .npy format, little-endian."""
    buffer = io.BytesIO()
    np.save(
        buffer,
        # The byte order is fixed, so that the file is the same from every machine.
        np.ascontiguousarray(matrix, dtype=matrix.dtype.newbyteorder("<")),
        allow_pickle=False,
    )
    return buffer.getvalue()


def json_file(value: Any) -> bytes:
    """Strict JSON (no NaN) in UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8")
