"""From the training network to the files that serve: an 8-bit ONNX graph, made before anything is
fitted on its output.

The encoder is quantised first; classifier, calibration and published figures are then made on the
vectors of this very graph, so nothing drifts after measuring. 8 bits are kept in blocks of 32 with
a scale of their own, and activations are rounded per row: the same text gets the same vector alone
and in any batch, which plain dynamic int8 does not give.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import pickle
import warnings
from collections.abc import Iterator
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

_BLOCK = 32
_TABLE_SIZE = 1_000_000  # elements from which an embedding table is worth 8 bits
_OPSET = 20
_VERSION = 4  # of this export: part of the cache's key


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
    with _root_logger_kept():
        from onnxruntime.quantization.matmul_nbits_quantizer import (
            DefaultWeightOnlyQuantConfig,
            MatMulNBitsQuantizer,
        )

        config = DefaultWeightOnlyQuantConfig(
            block_size=_BLOCK,
            is_symmetric=True,
            # Level 4 rounds activations row by row: no text depends on the others in its batch.
            accuracy_level=4,
            bits=8,
        )
        quantizer = MatMulNBitsQuantizer(model, algo_config=config)
        quantizer.process()
    result: onnx.ModelProto = quantizer.model.model
    _quantise_tables(result.graph)
    result.graph.node.append(
        helper.make_node("Identity", ["vectors"], ["features"], name="features")
    )
    # The number of features is stated, because `feature_size` and the heads read it here.
    result.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["texts", size])
    )
    return result


@contextlib.contextmanager
def _root_logger_kept() -> Iterator[None]:
    """The quantiser's module sets up the root logger when it is imported and reports every node:
    undo the one, silence the other.
    """
    root = logging.getLogger()
    handlers, level, disabled = root.handlers[:], root.level, root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(disabled)
        root.handlers[:], root.level = handlers, level


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
            helper.make_node(
                "Gather", [f"{table.name}.int8", ids], [f"{out}.int8"], name=f"{node.name}.int8"
            ),
            helper.make_node(
                "Cast",
                [f"{out}.int8"],
                [f"{out}.cast"],
                name=f"{node.name}.cast",
                to=TensorProto.FLOAT,
            ),
            helper.make_node(
                "Gather", [f"{table.name}.scale", ids], [f"{out}.scale"], name=f"{node.name}.scale"
            ),
            helper.make_node(
                "Mul", [f"{out}.cast", f"{out}.scale"], [out], name=f"{node.name}.mul"
            ),
        ]
    # A table that something else than Gather reads stays in floats as well.
    used = {name for node in nodes for name in node.input}
    kept = [table for table in graph.initializer if table.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


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
