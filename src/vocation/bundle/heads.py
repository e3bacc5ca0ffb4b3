"""Cut the heads out of a checked network: what it computes from the features of a text.

The windows of a long text go through the network in parts, or their results together would take
hundreds of megabytes. The heads then read the features of the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator

from vocation.bundle.check_onnx import Field, Graph, Walk

FEATURES = "features"
"""The result of the encoder that all heads read."""

# A table of floats with two sides of any length, as onnx.proto writes it: Type.tensor_type (1) with
# elem_type (1) FLOAT (1) and shape (2), a list of two empty dimensions (1).
_TABLE_TYPE = b"\x0a\x08\x08\x01\x12\x04\x0a\x00\x0a\x00"


def heads(model: bytes, graph: Graph) -> bytes:
    """Return the part of `model` behind FEATURES as a network of its own, with that one input.

    `graph` is what `check_onnx.parse` made of `model`. A head that reads anything but FEATURES and
    tables of its own gives a network that ONNX Runtime refuses.
    """
    walk = Walk()
    fields = list(walk.fields(memoryview(model)))
    body = next(value for number, value in fields if number == 7 and not isinstance(value, int))
    known = {FEATURES}
    used: set[str] = set()
    kept = [_field(11, _field(1, FEATURES.encode()) + _field(2, _TABLE_TYPE))]
    parts = list(walk.fields(body))
    raw_nodes = (value for number, value in parts if number == 1)
    # The checks demand that operations are in order: what reads a result comes behind it.
    for raw, node in zip(raw_nodes, graph.nodes, strict=True):
        if known & set(node.inputs):
            known.update(node.outputs)
            used.update(node.inputs)
            kept.append(_field(1, raw))
    for number, value in parts:
        # The name of a graph (2), its tables (5) and outputs (12), whose names are fields 8 and 1.
        if (
            number == 2
            or (number == 5 and _name(walk, value, 8) in used)
            or (number == 12 and _name(walk, value, 1) in known - {FEATURES})
        ):
            kept.append(_field(number, value))
    # The versions of the format (1) and of its operators (8).
    head = (_field(number, value) for number, value in fields if number in (1, 8))
    return b"".join([*head, _field(7, b"".join(kept))])


def _name(walk: Walk, message: int | memoryview, field: int) -> str:
    found: Iterator[Field] = walk.fields(memoryview(b"") if isinstance(message, int) else message)
    return next((bytes(value).decode() for number, value in found if number == field and value), "")


def _field(number: int, value: int | bytes | memoryview) -> bytes:
    """Return a field of a protocol buffer: its key, then a whole number, or bytes behind their
    length.
    """
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return b"".join((_varint(number << 3 | 2), _varint(len(value)), value))


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        # Seven bits at a time, the lowest first; the eighth says that more follow.
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
