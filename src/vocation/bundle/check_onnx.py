"""What the network of a stranger's bundle may be made of, read from the bytes of model.onnx before
any library sees them.

ONNX can do much that a sentence encoder never does: read files, loop, branch, call other libraries'
operators. Here a graph is a list of known operations on numbers that all lie in the file.
"""

from __future__ import annotations

import contextlib
import math
import re
import threading
from collections.abc import Iterator
from pathlib import Path

OPERATIONS = frozenset(
    re.findall(
        r"[\w.]+",
        "Abs Add And Cast Ceil Clip Concat Constant ConstantOfShape Cos CumSum Div Equal Erf Exp"
        " Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm Greater GreaterOrEqual"
        " Identity IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log MatMul Max Min Mod Mul"
        " Neg Not Or Pow Range Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum Relu"
        " Reshape Round Shape Sigmoid Sign Sin Slice Softmax Softplus Split Sqrt Squeeze Sub Sum"
        " Tanh Transpose Trilu Unsqueeze Where com.microsoft.MatMulNBits ",
    )
)
"""What exported encoders of our kinds consist of, and close relatives that another version of the
exporter might choose.
"""

MOST_FIELDS, MOST_NODES = 200_000, 5_000
"""Fields of the file and operations; an encoder of 24 layers has 30,000 and 1,000."""

_SIZES = {
    1: 4,
    2: 1,
    3: 1,
    4: 2,
    5: 2,
    6: 4,
    7: 8,
    9: 1,
    10: 2,
    11: 8,
    12: 4,
    13: 8,
    16: 2,
}  # bytes of a number, by TensorProto.DataType
_USES, _FREE = (
    2,
    1_000_000,
    # times that a table may be read, on average, and bytes on top: a library prepares it anew each
    # time
)
_PROBE = 192_000_000  # bytes that reading one word may take
_ONE_AT_A_TIME = (
    threading.Lock()
)  # the limit is the process's: two who set and restore it would leave it behind
Field = tuple[int, int | memoryview]


class _Walk:
    """The fields of a protocol buffer, message by message; ValueError where the file is torn or has
    too many.
    """

    def __init__(self) -> None:
        self.left = MOST_FIELDS

    def fields(self, data: memoryview) -> Iterator[Field]:
        """Number and value of each field in `data`: a whole number, or the bytes of anything
        longer.
        """
        at, end = 0, len(data)
        while at < end:
            self.left -= 1
            if self.left < 0:
                raise ValueError("it has too many parts")
            key, at = _varint(data, at)
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
                raise ValueError("it is torn")
            yield key >> 3, data[at : at + size]
            at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        if at >= len(data):
            raise ValueError("it is torn")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("it is no protocol buffer")


def check(model: bytes) -> int:
    """How many tokens the table of words of the graph `model` knows. Raises ValueError for a graph
    that a bundle may not have.

    Numbers of fields are those of onnx.proto.
    """
    walk = _Walk()
    graph: memoryview | None = None
    for number, value in walk.fields(memoryview(model)):
        if number == 7 and graph is None:
            graph = _message(value)
        elif number in (7, 20, 25):
            raise ValueError("it has functions, training steps or a second graph")
    if graph is None:
        raise ValueError("it has no graph")
    tables: dict[str, tuple[int, int]] = {}  # rows and bytes
    nodes: list[list[str]] = []
    lookups: list[str] = []
    for number, value in walk.fields(graph):
        if number == 1:
            kind, inputs = _node(walk, _message(value))
            nodes.append(inputs)
            lookups += inputs[:1] if kind == "Gather" and inputs[1:] == ["input_ids"] else []
        elif number == 5:
            name, dims, size = _tensor(walk, _message(value))
            tables[name] = (dims[0] if dims else 0, size)
        elif number == 15:
            raise ValueError("it has sparse tables")
    if len(nodes) > MOST_NODES:
        raise ValueError(f"it has more than {MOST_NODES:,} operations")
    if (
        sum(tables[name][1] for inputs in nodes for name in inputs if name in tables)
        > _USES * sum(size for _, size in tables.values()) + _FREE
    ):
        raise ValueError("it reads the same tables over and over")
    rows = [tables[name][0] for name in lookups if name in tables and tables[name][0]]
    if not rows:
        raise ValueError("it looks up no words")
    return min(rows)


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("it is no ONNX file")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8")


def _node(walk: _Walk, data: memoryview) -> tuple[str, list[str]]:
    """Check one operation; returns its kind and the names of what it reads."""
    inputs: list[str] = []
    kind = domain = ""
    for number, value in walk.fields(data):
        if number == 1:
            inputs.append(_text(value))
        elif number == 4:
            kind = _text(value)
        elif number == 7:
            domain = _text(value)
        elif number == 5:
            _attribute(walk, _message(value))
    name = f"{domain}.{kind}" if domain else kind
    if name not in OPERATIONS:
        raise ValueError(f"it uses the operation {name[:60]!r}, which no encoder needs")
    return kind, inputs


def _attribute(walk: _Walk, data: memoryview) -> None:
    for number, value in walk.fields(data):
        if number == 5:
            _tensor(walk, _message(value))
        elif number not in (
            1,
            2,
            3,
            4,
            7,
            8,
            13,
            20,
        ):  # name, number, text, lists of numbers, description, type
            raise ValueError("it has a graph within the graph")


def _tensor(walk: _Walk, data: memoryview) -> tuple[str, list[int], int]:
    """Name, sides and bytes of a table, whose numbers must all be there."""
    dims: list[int] = []
    name, kind, size = "", 0, 0
    for number, value in walk.fields(data):
        if number == 1:
            dims += [value] if isinstance(value, int) else _packed(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 8:
            name = _text(value)
        elif number == 9:
            size = len(_message(value))
        elif number not in (12, 16):
            raise ValueError(
                "it has numbers that do not lie in the file, or are written in an unusual way"
            )
    if (
        kind not in _SIZES
        or any(side >= 2**40 for side in dims)
        or math.prod(dims) * _SIZES[kind] != size
    ):
        raise ValueError(f"its table {name[:60]!r} has another size than it says")
    return name, dims, size


def _packed(data: memoryview) -> list[int]:
    at = 0
    found: list[int] = []
    while at < len(data) and len(found) < 16:
        value, at = _varint(data, at)
        found.append(value)
    return found


@contextlib.contextmanager
def bounded(most: int = _PROBE) -> Iterator[None]:
    """Within it this process may take at most `most` more bytes of memory; a library that asks for
    more is refused by the system.

    Where the system knows no such limit (Windows, macOS) it does nothing. For milliseconds only: it
    holds for all threads.
    """
    with _ONE_AT_A_TIME, _limited(most):
        yield


@contextlib.contextmanager
def _limited(most: int) -> Iterator[None]:
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
        before = resource.getrlimit(resource.RLIMIT_DATA)
        limit = pages * resource.getpagesize() + most
        lower = min(limit, *(one for one in before if one != resource.RLIM_INFINITY), limit)
        resource.setrlimit(resource.RLIMIT_DATA, (lower, before[1]))
    except (ImportError, OSError, ValueError, AttributeError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
