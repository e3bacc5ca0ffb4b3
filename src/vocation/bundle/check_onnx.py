"""Parse the network of an untrusted bundle before any library reads the bytes of model.onnx.

ONNX can do much that a sentence encoder never does: read files, loop, branch, call the operators of
other libraries. Here a graph is a list of known operations on numbers that are all in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vocation.bundle.check_shapes import OPERATIONS, OPSETS, Node, Tensor

MOST_FIELDS, MOST_NODES = 200_000, 5_000
"""Fields of the file and operations; an encoder of 24 layers has 30,000 and 1,000."""

# bytes of a number, by TensorProto.DataType
_SIZES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
_WHOLE = {6: "<i4", 7: "<i8"}  # the types of shapes and indices
_MOST_VALUES = 64  # whole numbers of a table that may be a shape

# ONNX Runtime prepares a table anew for each operation that reads it: all tables together may be
# read so many times on average, and so many bytes on top.
_USES, _FREE = 2, 1_000_000

Field = tuple[int, int | memoryview]


class Walk:
    """Iterate over the fields of a protocol buffer, message by message.

    Raises ValueError if the file is incomplete or has too many.
    """

    def __init__(self) -> None:
        # One budget for all messages of the file, however they are nested.
        self.left = MOST_FIELDS

    def fields(self, data: memoryview) -> Iterator[Field]:
        """Yield number and value of each field in `data`: a whole number, or bytes."""
        at, end = 0, len(data)
        while at < end:
            self.left -= 1
            if self.left < 0:
                raise ValueError("it has too many parts")
            key, at = _varint(data, at)
            # 0 is a varint, 1 and 5 are eight and four bytes, 2 is bytes with their
            # length. 3 and 4 are groups, which onnx.proto does not use.
            kind = key & 7
            if kind == 0:
                value, at = _varint(data, at)
                yield key >> 3, value
                continue
            if kind == 2:
                size, at = _varint(data, at)
            elif kind in (1, 5):
                size = 8 if kind == 1 else 4
            else:
                raise ValueError("it is no protocol buffer")
            if at + size > end:
                raise ValueError("it is incomplete")
            yield key >> 3, data[at : at + size]
            at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    # 64 bits in bytes of 7 bits are at most 10 bytes.
    while shift < 70:
        if at >= len(data):
            raise ValueError("it is incomplete")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("it is no protocol buffer")


@dataclass(frozen=True, slots=True)
class Graph:
    """The operations of a network in order, its tables, and how many tokens it has vectors for."""

    nodes: list[Node]
    tables: dict[str, Tensor]
    tokens: int


def parse(model: bytes) -> Graph:
    """Return the graph in `model`. Raises ValueError for one that a bundle may not have.

    The numbers of fields are those of onnx.proto.
    """
    walk = Walk()
    graph: memoryview | None = None
    versions = []
    for number, value in walk.fields(memoryview(model)):
        # A library would merge a second graph into the first: it would run what was not checked.
        if number == 7 and graph is None:
            graph = _message(value)
        elif number == 8:
            domain, version = _operator_set(walk, _message(value))
            # Other domains, such as com.microsoft, have versions of their own.
            versions += [version] if domain in ("", "ai.onnx") else []
        elif number in (7, 20, 25):
            raise ValueError("it has functions, training steps or a second graph")
    if graph is None:
        raise ValueError("it has no graph")
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise ValueError(f"its operators are not of one version from {OPSETS[0]} to {OPSETS[-1]}")
    tables: dict[str, Tensor] = {}
    sizes: dict[str, int] = {}
    nodes: list[Node] = []
    for number, value in walk.fields(graph):
        if number == 1:
            nodes.append(_node(walk, _message(value)))
        elif number == 5:
            name, table, size = _tensor(walk, _message(value))
            tables[name], sizes[name] = table, size
        elif number == 15:
            raise ValueError("it has sparse tables")
    if len(nodes) > MOST_NODES:
        raise ValueError(f"it has more than {MOST_NODES:,} operations")
    reads = sum(sizes.get(name, 0) for node in nodes for name in node.inputs)
    if reads > _USES * sum(sizes.values()) + _FREE:
        raise ValueError("it reads the same tables over and over")
    return Graph(nodes, tables, _tokens(nodes, tables))


def _tokens(nodes: list[Node], tables: dict[str, Tensor]) -> int:
    """Return the rows of the smallest table that token ids are looked up in."""
    looked_up = [
        tables[node.inputs[0]].shape
        for node in nodes
        if node.kind == "Gather" and node.inputs[1:] == ["input_ids"] and node.inputs[0] in tables
    ]
    rows = [shape[0] for shape in looked_up if shape and shape[0]]
    if not rows:
        raise ValueError("it looks up no tokens")
    # A token must be in every table that it is looked up in.
    return min(rows)


def _operator_set(walk: Walk, data: memoryview) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in walk.fields(data):
        if number == 1:
            domain = _text(value)
        elif number == 2 and isinstance(value, int):
            version = value
    return domain, version


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("it is no ONNX file")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8")


def _node(walk: Walk, data: memoryview) -> Node:
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: dict[str, Any] = {}
    kind = domain = ""
    for number, value in walk.fields(data):
        if number == 1:
            inputs.append(_text(value))
        elif number == 2:
            outputs.append(_text(value))
        elif number == 4:
            kind = _text(value)
        elif number == 7:
            domain = _text(value)
        elif number == 5:
            name, content = _attribute(walk, _message(value))
            if name in attributes:
                raise ValueError(f"an operation has the attribute {name[:60]!r} twice")
            attributes[name] = content
    # With its domain, an operation of another library never passes for one of ONNX.
    name = f"{domain}.{kind}" if domain else kind
    if name not in OPERATIONS:
        raise ValueError(f"it uses the operation {name[:60]!r}, which no encoder needs")
    return Node(name, inputs, outputs, attributes)


def _attribute(walk: Walk, data: memoryview) -> tuple[str, Any]:
    """Return name and value of an attribute: a whole number, a list of them, or a table.

    Numbers and texts of other kinds decide about no shape: their value is None.
    """
    name = ""
    content: int | Tensor | None = None
    numbers: list[int] = []
    for number, value in walk.fields(data):
        if number == 1:
            name = _text(value)
        elif number == 3 and isinstance(value, int):
            content = _signed(value)
        elif number == 5:
            content = _tensor(walk, _message(value))[1]
        elif number == 8:
            numbers += [value] if isinstance(value, int) else _packed(value)
        elif number not in (2, 4, 7, 13, 20):  # number, text, numbers, description, type
            raise ValueError("it has a graph within the graph")
    return name, [_signed(one) for one in numbers] if numbers else content


def _signed(value: int) -> int:
    # A negative number is written as its two's complement of 64 bits.
    return value - 2**64 if value >= 2**63 else value


def _tensor(walk: Walk, data: memoryview) -> tuple[str, Tensor, int]:
    """Return name, shape with small whole numbers, and bytes of a table.

    All its numbers must be in the file.
    """
    dims: list[int] = []
    name, kind = "", 0
    content = memoryview(b"")
    for number, value in walk.fields(data):
        if number == 1:
            dims += [value] if isinstance(value, int) else _packed(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 8:
            name = _text(value)
        # Only raw_data (9) may hold numbers: external_data (13) would name a file, and
        # float_data (4) and its like are a second way to write them.
        elif number == 9:
            content = _message(value)
        elif number not in (12, 16):
            raise ValueError(
                "it has numbers that are not in the file, or are written in an unusual way"
            )
    count = math.prod(dims)
    if (
        kind not in _SIZES
        # A negative side arrives as 2**63 or more, so it is refused here.
        or any(side >= 2**40 for side in dims)
        or count * _SIZES[kind] != len(content)
    ):
        raise ValueError(f"its table {name[:60]!r} does not have the size that it states")
    values = None
    if kind in _WHOLE and count <= _MOST_VALUES:
        values = tuple(np.frombuffer(content, _WHOLE[kind]).tolist())
    return name, Tensor(tuple(dims), values), len(content)


def _packed(data: memoryview) -> list[int]:
    at = 0
    found: list[int] = []
    while at < len(data):
        # These lists are sides and axes, of which a table has few.
        if len(found) == 16:
            raise ValueError("it has a list of more than 16 numbers")
        value, at = _varint(data, at)
        found.append(value)
    return found
