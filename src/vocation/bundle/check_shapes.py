"""Bound the memory of a network before it runs: the shape of every result, computed from the graph.

A few bytes of a graph can ask for terabytes (an outer product, Expand, Range). The shapes follow
from those of the inputs and from small whole numbers that the graph computes with; both are
followed here, node by node. Where a shape depends on anything else, the graph is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

OPSETS = range(18, 26)
"""Versions of the ONNX operators whose shapes follow the rules below."""

_BYTES = 8  # of the widest number; every number is counted as one
_MOST_VALUES = 64  # whole numbers followed by value: shapes and indices of shapes
_LARGEST = 2**31  # of a computed whole number, so that none wraps around in 32 or 64 bits
_INTEGERS = (6, 7)  # int32 and int64 of TensorProto.DataType

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """The shape of a table or of a result, and its numbers if they are few known whole numbers."""

    shape: Shape
    values: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: kind, names of inputs ("" for one left out) and outputs, and attributes."""

    kind: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Any] = field(default_factory=dict)


def check(
    nodes: Sequence[Node], tables: Mapping[str, Tensor], inputs: Mapping[str, Shape], most: int
) -> dict[str, Tensor]:
    """Return the shape of every input, table and result of a graph.

    `inputs` are the shapes of the graph's inputs, `tables` its initializers. Raises ValueError if
    the results of all `nodes` together take more than `most` bytes, if a shape cannot be known, and
    if nodes are not in order.
    """
    known = {**tables, **{name: Tensor(shape) for name, shape in inputs.items()}}
    total = 0
    for node in nodes:
        try:
            # An operand left out keeps its place, because the rules go by position.
            results = _results(node, [known[name] if name else None for name in node.inputs])
            # A negative side would lower the total.
            if any(side < 0 for result in results for side in result.shape):
                raise ValueError("expected sides of 0 and more")
        except (KeyError, IndexError, TypeError, ValueError, OverflowError):
            raise ValueError(
                f"the size of what its operation {node.kind[:60]!r} makes cannot be known"
            ) from None
        for name, result in zip(node.outputs, results, strict=True):
            if name in known:
                raise ValueError(f"it makes {name[:60]!r} twice")
            # Every result counts to the end, also one that ONNX Runtime would free early.
            total += _BYTES * math.prod(result.shape)
            if total > most:
                raise ValueError(f"it takes more than {most // 1_000_000} MB to read one word")
            known[name] = result
    return known


def _results(node: Node, operands: Sequence[Tensor | None]) -> list[Tensor]:
    if node.kind == "Split":
        return _split(operands, node)
    if len(node.outputs) != 1:
        raise ValueError("expected one output")
    if rule := _RULES.get(node.kind):
        return [rule(operands, node.attributes)]
    if node.kind not in ELEMENTWISE:
        raise ValueError("expected a known operation")
    return [_elementwise(node, [one for one in operands if one is not None])]


def _values(operand: Tensor | None) -> tuple[int, ...]:
    """Return the numbers of an operand that decides about a shape."""
    if operand is None or operand.values is None:
        raise ValueError("expected known whole numbers")
    return operand.values


def _tensor(shape: Sequence[int], values: Sequence[int] | None = None) -> Tensor:
    """Return a result; its values are dropped if they are too many or too large to be followed."""
    shape = tuple(int(side) for side in shape)
    if values is None or len(values) > _MOST_VALUES or len(values) != math.prod(shape):
        return Tensor(shape)
    return Tensor(shape, tuple(int(value) for value in values))


_ARITHMETIC: dict[str, Callable[..., int]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a // b,
    "Max": max,
    "Min": min,
    "Neg": lambda a: -a,
    "Equal": lambda a, b: int(a == b),
    "Where": lambda condition, a, b: a if condition else b,
}


def _elementwise(node: Node, operands: Sequence[Tensor]) -> Tensor:
    shape = np.broadcast_shapes(*(one.shape for one in operands))
    known = [one.values for one in operands]
    if node.kind not in _ARITHMETIC or None in known or math.prod(shape) > _MOST_VALUES:
        return Tensor(shape)
    # Each operand as a flat list in the shape of the result. Objects are Python's whole numbers,
    # which do not wrap around.
    tables = [
        np.broadcast_to(np.array(one.values, object).reshape(one.shape), shape).ravel()
        for one in operands
    ]
    # ONNX rounds towards zero, // does not
    if node.kind == "Div" and any(a < 0 or b <= 0 for a, b in zip(*tables, strict=True)):
        return Tensor(shape)
    values = [_ARITHMETIC[node.kind](*row) for row in zip(*tables, strict=True)]
    return _tensor(shape, values if all(abs(one) < _LARGEST for one in values) else None)


ELEMENTWISE = {
    *("Abs", "Add", "And", "Ceil", "Cos", "Div", "Equal", "Erf", "Exp", "Floor", "Gelu"),
    *("Greater", "GreaterOrEqual", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max"),
    *("Min", "Mod", "Mul", "Neg", "Not", "Or", "Pow", "Reciprocal", "Relu", "Round", "Sigmoid"),
    *("Sign", "Sin", "Softplus", "Sqrt", "Sub", "Sum", "Tanh", "Where"),
}
"""Operations whose result has the shape that their inputs broadcast to."""


def _same(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    return Tensor(operands[0].shape)


def _identity(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    result: Tensor = operands[0]
    return result


def _cast(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    small = operands[0].values and all(abs(one) < _LARGEST for one in operands[0].values)
    # Shapes and indices have no other type; values of floats are not followed.
    keeps = attributes["to"] in _INTEGERS and small
    return Tensor(operands[0].shape, operands[0].values if keeps else None)


def _constant(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    # A constant in another form, such as value_float, has no "value" and is refused.
    result = attributes["value"]
    if not isinstance(result, Tensor):
        raise ValueError("expected a tensor")
    return result


def _constant_of_shape(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    # Without a value ONNX fills with the float 0, which decides about no shape.
    shape, fill = _values(operands[0]), attributes.get("value", Tensor((1,)))
    few = 0 <= math.prod(shape) <= _MOST_VALUES and fill.values is not None
    return _tensor(shape, fill.values * math.prod(shape) if few else None)


def _range(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    (start,), (limit,), (step,) = map(_values, operands)
    # A range takes no memory; len() of a huge one raises OverflowError, which `check` catches.
    numbers = range(start, limit, step)
    return _tensor((len(numbers),), numbers if len(numbers) <= _MOST_VALUES else None)


def _shape(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    sides = operands[0].shape[attributes.get("start", 0) : attributes.get("end")]
    return _tensor((len(sides),), sides)


def _reshape(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    before, wanted = operands[0].shape, list(_values(operands[1]))
    # In ONNX 0 keeps the side of the input, and -1 stands for what is left.
    if not attributes.get("allowzero", 0):
        wanted = [before[i] if side == 0 else side for i, side in enumerate(wanted)]
    if -1 in wanted:
        # The product contains the -1, hence the sign.
        rest = -math.prod(wanted)
        wanted[wanted.index(-1)] = math.prod(before) // rest if rest else 0
    if math.prod(wanted) != math.prod(before):
        raise ValueError("expected as many numbers as before")
    return _tensor(wanted, operands[0].values)


def _expand(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    shape = np.broadcast_shapes(operands[0].shape, _values(operands[1]))
    same = math.prod(shape) == math.prod(operands[0].shape)
    return _tensor(shape, operands[0].values if same else None)


def _squeeze(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    shape = operands[0].shape
    axes = _axes(operands, len(shape), [i for i, side in enumerate(shape) if side == 1])
    if any(shape[i] != 1 for i in axes):
        raise ValueError("expected sides of 1")
    return _tensor([side for i, side in enumerate(shape) if i not in axes], operands[0].values)


def _unsqueeze(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    rank = len(operands[0].shape) + len(_values(operands[1]))
    axes, sides = _axes(operands, rank, []), iter(operands[0].shape)
    if len(axes) != len(_values(operands[1])):
        raise ValueError("expected different axes")
    return _tensor([1 if i in axes else next(sides) for i in range(rank)], operands[0].values)


def _axes(operands: Any, rank: int, default: Sequence[int]) -> set[int]:
    """Return the axes that the second operand names, counted from the front."""
    if len(operands) < 2 or operands[1] is None:
        return set(default)
    axes = _values(operands[1])
    if any(not -rank <= axis < rank for axis in axes):
        raise ValueError("expected axes of the table")
    return {axis % rank for axis in axes}


def _reduce(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    shape = operands[0].shape
    axes = _axes(operands, len(shape), ()) or (
        set() if attributes.get("noop_with_empty_axes", 0) else set(range(len(shape)))
    )
    if attributes.get("keepdims", 1):
        return Tensor(tuple(1 if i in axes else side for i, side in enumerate(shape)))
    return Tensor(tuple(side for i, side in enumerate(shape) if i not in axes))


def _axis(attributes: Mapping[str, Any], default: int, rank: int) -> int:
    axis = attributes.get("axis", default)
    if not -rank <= axis < rank:
        raise ValueError("expected an axis of the table")
    return int(axis % rank)


def _gather(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    table, indices = operands
    axis = _axis(attributes, 0, len(table.shape))
    shape = table.shape[:axis] + indices.shape + table.shape[axis + 1 :]
    # Values are followed only in one dimension, the form of a shape.
    if len(table.shape) != 1 or table.values is None or indices.values is None:
        return Tensor(shape)
    return _tensor(shape, [table.values[i] for i in indices.values])


def _gather_elements(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    return Tensor(operands[1].shape)


def _gather_nd(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    table, indices = operands[0].shape, operands[1].shape
    # The last axis of the indices holds a position for each axis that is taken away.
    taken = attributes.get("batch_dims", 0) + indices[-1]
    if not 0 < taken <= len(table):
        raise ValueError("expected indices of the table's rank")
    return Tensor(indices[:-1] + table[taken:])


def _concat(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    shapes = [one.shape for one in operands]
    axis = _axis(attributes, len(shapes[0]), len(shapes[0]))  # no default: refused without one
    if any(
        one[:axis] + one[axis + 1 :] != shapes[0][:axis] + shapes[0][axis + 1 :] for one in shapes
    ):
        raise ValueError("expected tables that fit together")
    shape = (*shapes[0][:axis], sum(one[axis] for one in shapes), *shapes[0][axis + 1 :])
    if len(shape) != 1 or any(one.values is None for one in operands):
        return Tensor(shape)
    return _tensor(shape, [value for one in operands for value in one.values])


def _slice(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    table, starts, ends = operands[0], _values(operands[1]), _values(operands[2])
    axes = _values(operands[3]) if operands[3:] and operands[3] else range(len(starts))
    steps = _values(operands[4]) if operands[4:] and operands[4] else (1,) * len(starts)
    parts = [slice(None)] * len(table.shape)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        parts[axis] = slice(start, end, step)
    # slice.indices clips starts and ends to the table, as ONNX does.
    shape = [len(range(*part.indices(side))) for part, side in zip(parts, table.shape, strict=True)]
    known = len(shape) == 1 and table.values is not None
    return _tensor(shape, table.values[parts[0]] if known else None)


def _split(operands: Any, node: Node) -> list[Tensor]:
    shape, count = operands[0].shape, len(node.outputs)
    axis = _axis(node.attributes, 0, len(shape))
    if operands[1:]:
        sides = list(_values(operands[1]))
    else:
        side = -(-shape[axis] // count)  # the last part is smaller where they do not fit
        sides = [min(side, shape[axis] - i * side) for i in range(count)]
    return [Tensor((*shape[:axis], side, *shape[axis + 1 :])) for side in sides]


def _transpose(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    shape = operands[0].shape
    order = attributes.get("perm", range(len(shape))[::-1])
    if sorted(order) != list(range(len(shape))):
        raise ValueError("expected every axis once")
    return Tensor(tuple(shape[i] for i in order))


def _flatten(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    shape = operands[0].shape
    axis = attributes.get("axis", 1)
    return Tensor((math.prod(shape[:axis]), math.prod(shape[axis:])))


def _matmul(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    left, right = operands[0].shape, operands[1].shape
    if len(left) < 2 or len(right) < 2 or left[-1] != right[-2]:
        raise ValueError("expected two matrices that fit")
    return Tensor((*np.broadcast_shapes(left[:-2], right[:-2]), left[-2], right[-1]))


def _gemm(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    left, right = operands[0].shape, operands[1].shape
    # The inner sides are not compared: they do not change the size of the result.
    (rows, _), (_, columns) = (
        left[::-1] if attributes.get("transA", 0) else left,
        right[::-1] if attributes.get("transB", 0) else right,
    )
    return Tensor((rows, columns))


def _matmul_n_bits(operands: Any, attributes: Mapping[str, Any]) -> Tensor:
    # The packed table has another shape; its columns are the attribute N.
    return Tensor((*operands[0].shape[:-1], attributes["N"]))


_RULES: dict[str, Callable[[Any, Mapping[str, Any]], Tensor]] = {
    **dict.fromkeys(("Clip", "CumSum", "LayerNormalization", "Softmax", "Trilu"), _same),
    "QuantizeLinear": _same,
    **dict.fromkeys((f"Reduce{kind}" for kind in ("L2", "Max", "Mean", "Min", "Sum")), _reduce),
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GatherND": _gather_nd,
    "Gemm": _gemm,
    "Identity": _identity,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "Range": _range,
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "com.microsoft.MatMulNBits": _matmul_n_bits,
}

OPERATIONS = frozenset({*ELEMENTWISE, *_RULES, "Split"})
"""What exported encoders consist of, and close relatives that another exporter might choose."""
