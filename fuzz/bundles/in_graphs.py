"""Networks that lie: an honest graph with something built in, so that inputs, outputs and sizes are
those that are expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from vocation.bundle import layout

from .cases import READING, Case, technique

_OUTSIDE = "CVE-2022-25882, CVE-2024-5187, CVE-2024-27318, CVE-2024-7776: ONNX external data"
_OPERATORS = "Huntr and ProtectAI, model file vulnerabilities: custom operators in ONNX, 2024"
_LOOPS = "ONNX operator documentation: Loop, Scan, If; MITRE CWE-835"
_MEMORY = "MITRE CWE-789: memory by what a file says; CVE-2021-37650"
ROADS = (*READING, "push", "check")


def _change(case: Case, change: Callable[[onnx.ModelProto], None]) -> None:
    model = onnx.load_from_string(case.read(case.file(layout.MODEL)))
    change(model)
    case.put(case.file(layout.MODEL), model.SerializeToString())


def _build_in(
    case: Case, nodes: Sequence[onnx.NodeProto], tables: dict[str, np.ndarray], name: str = "evil"
) -> None:
    """Run `nodes`, which make the number `name`, and add nothing of it to the features: the answers
    stay the same.
    """

    def change(model: onnx.ModelProto) -> None:
        graph = model.graph
        last = next(node for node in graph.node if "features" in node.output)
        last.output[0] = "features.honest"
        for node in graph.node:
            node.input[:] = ["features.honest" if one == "features" else one for one in node.input]
        kept = list(graph.node)
        at = kept.index(last) + 1
        more = [
            *nodes,
            helper.make_node("Mul", [name, "evil.zero"], ["evil.nothing"]),
            helper.make_node("Add", ["features.honest", "evil.nothing"], ["features"]),
        ]
        del graph.node[:]
        graph.node.extend([*kept[:at], *more, *kept[at:]])
        for key, table in {**tables, "evil.zero": np.zeros((), np.float32)}.items():
            graph.initializer.append(numpy_helper.from_array(table, key))
        for node in nodes:
            if node.domain and node.domain not in {one.domain for one in model.opset_import}:
                model.opset_import.append(helper.make_opsetid(node.domain, 1))

    _change(case, change)


def _summed(name: str = "evil.big") -> onnx.NodeProto:
    return helper.make_node("ReduceSum", [name], ["evil"], keepdims=0)


def _table(model: onnx.ModelProto, case: Case) -> onnx.TensorProto:
    return case.rng.choice([one for one in model.graph.initializer if one.raw_data and one.dims])


@technique(_OUTSIDE, ROADS)
def numbers_from_another_file(case: Case) -> None:
    places = [
        "/etc/passwd",
        "../secret.bin",
        str(case.secret),
        "secret.bin",
        "../../../../etc/hostname",
        "file:///etc/passwd",
        "tokenizer.json",
        "a/../../secret.bin",
    ]

    def change(model: onnx.ModelProto) -> None:
        table = _table(model, case)
        size = len(table.raw_data)
        table.ClearField("raw_data")
        table.data_location = TensorProto.EXTERNAL
        for key, value in (
            ("location", case.rng.choice(places)),
            ("offset", "0"),
            ("length", str(size)),
        ):
            entry = table.external_data.add()
            entry.key, entry.value = key, value

    _change(case, change)


@technique(_OUTSIDE, ROADS)
def numbers_from_elsewhere_without_saying(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        table = _table(model, case)
        entry = table.external_data.add()
        entry.key, entry.value = "location", str(case.secret)
        if case.rng.random() < 0.5:
            table.data_location = TensorProto.EXTERNAL

    _change(case, change)


@technique(_OPERATORS, ROADS)
def operators_of_others(case: Case) -> None:
    domain, kind = case.rng.choice(
        [
            ("ai.onnx.contrib", "PyOp"),
            ("evil", "Run"),
            ("com.microsoft", "Attention"),
            ("org.pytorch.aten", "ATen"),
            ("com.microsoft.nchwc", "Conv"),
        ]
    )
    _build_in(case, [helper.make_node(kind, ["features.honest"], ["evil"], domain=domain)], {})


@technique(_OPERATORS, ROADS)
def compiled_code_for_an_accelerator(case: Case) -> None:
    """EPContext: a graph may carry a library or its path for an accelerator."""
    node = helper.make_node(
        "EPContext",
        ["features.honest"],
        ["evil"],
        domain="com.microsoft",
        embed_mode=0,
        ep_cache_context="../evil.so",
        main_context=1,
    )
    _build_in(case, [node], {})


@technique(_LOOPS, ROADS)
def endless_loop(case: Case) -> None:
    one = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Add", ["x", "x"], ["y"])],
        "body",
        [
            one("i", TensorProto.INT64, []),
            one("go", TensorProto.BOOL, []),
            one("x", TensorProto.FLOAT, []),
        ],
        [one("on", TensorProto.BOOL, []), one("y", TensorProto.FLOAT, [])],
    )
    tables = {
        "evil.count": np.array(2 ** case.rng.choice([30, 40, 62]), np.int64),
        "evil.go": np.array(True),
        "evil.x": np.array(0, np.float32),
    }
    _build_in(
        case,
        [helper.make_node("Loop", ["evil.count", "evil.go", "evil.x"], ["evil"], body=body)],
        tables,
    )


@technique(_LOOPS, ROADS)
def branches(case: Case) -> None:
    one = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])]
    graph = helper.make_graph(
        [
            helper.make_node(
                "Constant", [], ["y"], value=numpy_helper.from_array(np.array(0, np.float32))
            )
        ],
        "then",
        [],
        one,
    )
    _build_in(
        case,
        [helper.make_node("If", ["evil.go"], ["evil"], then_branch=graph, else_branch=graph)],
        {"evil.go": np.array(True)},
    )


@technique("ONNX IR: functions that call themselves; CVE-2025-51480", ROADS)
def functions(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        node = helper.make_node("Again", ["x"], ["y"], domain="local")
        model.functions.append(
            helper.make_function(
                "local", "Again", ["x"], ["y"], [node], [helper.make_opsetid("local", 1)]
            )
        )

    _build_in(case, [helper.make_node("Again", ["features.honest"], ["evil"], domain="local")], {})
    _change(case, change)


@technique(_MEMORY, ROADS)
def large_by_expand(case: Case) -> None:
    """A few bytes that ask for gigabytes; also when the size comes from the text, so that no
    optimiser sees it.
    """
    size = case.rng.choice([2**27, 2**30, 2**34, 2**40])
    tables = {
        "evil.one": np.ones(1, np.float32),
        "evil.size": np.array([size], np.int64),
        "evil.1": np.array([1], np.int64),
    }
    shape = (
        []
        if case.rng.random() < 0.5
        else [helper.make_node("Shape", ["window_weights"], ["evil.s"], start=0, end=1)]
    )
    shape += [
        helper.make_node("Mul", ["evil.s" if shape else "evil.1", "evil.size"], ["evil.shape"])
    ]
    _build_in(
        case,
        [*shape, helper.make_node("Expand", ["evil.one", "evil.shape"], ["evil.big"]), _summed()],
        tables,
    )


@technique(_MEMORY, ROADS)
def large_by_operator(case: Case) -> None:
    size = np.array([2 ** case.rng.choice([28, 31, 36])], np.int64)
    fill = numpy_helper.from_array(np.ones(1, np.float32))
    ways = {
        "ConstantOfShape": [
            helper.make_node("ConstantOfShape", ["evil.size"], ["evil.big"], value=fill)
        ],
        "Tile": [helper.make_node("Tile", ["evil.one", "evil.size"], ["evil.big"])],
        "Range": [
            helper.make_node("Squeeze", ["evil.size"], ["evil.end"]),
            helper.make_node("Range", ["evil.0", "evil.end", "evil.step"], ["evil.i"]),
            helper.make_node("Cast", ["evil.i"], ["evil.big"], to=1),
        ],
        "Pad": [helper.make_node("Pad", ["evil.one", "evil.pads"], ["evil.big"])],
        "EyeLike": [
            helper.make_node("ConstantOfShape", ["evil.square"], ["evil.z"]),
            helper.make_node("EyeLike", ["evil.z"], ["evil.big"]),
        ],
        "RandomUniform": [helper.make_node("RandomUniform", [], ["evil.big"], shape=size.tolist())],
    }
    tables = {
        "evil.size": size,
        "evil.one": np.ones(1, np.float32),
        "evil.0": np.array(0, np.int64),
        "evil.step": np.array(1, np.int64),
    }
    tables |= {
        "evil.pads": np.array([0, int(size[0])], np.int64),
        "evil.square": np.array([60_000, 60_000], np.int64),
    }
    _build_in(case, [*ways[case.rng.choice(list(ways))], _summed()], tables)


@technique(_MEMORY, ROADS)
def large_by_outer_product(case: Case) -> None:
    side = case.rng.choice([9_000, 30_000, 200_000])
    tables = {"evil.a": np.ones((side, 1), np.float32), "evil.b": np.ones((1, side), np.float32)}
    _build_in(
        case,
        [
            helper.make_node(
                case.rng.choice(["Add", "MatMul", "Mul"]), ["evil.a", "evil.b"], ["evil.big"]
            ),
            _summed(),
        ],
        tables,
    )


@technique("MITRE CWE-400: hours of honest arithmetic", ROADS)
def slow_by_products(case: Case) -> None:
    nodes, last, squares = [], "evil.m", case.rng.random() < 0.7
    for i in range(case.rng.choice([400, 2000])):
        nodes.append(
            helper.make_node("MatMul", [last, last if squares else "evil.m"], [f"evil.{i}"])
        )
        last = f"evil.{i}"
    _build_in(case, [*nodes, _summed(last)], {"evil.m": np.zeros((1100, 1100), np.float32)})


@technique(_MEMORY, ROADS)
def tables_that_are_not_there(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        table = _table(model, case)
        table.dims[:] = case.rng.choice(
            [[2**40, 2**10], [2**62, 4], [-1, 5], [10**6, 10**6], [*table.dims, 0]]
        )

    _change(case, change)


@technique("ONNX IR: numbers in another field than the one that is looked at", ROADS)
def tables_written_in_two_ways(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        table = _table(model, case)
        if case.rng.random() < 0.5:
            table.float_data.extend([1.0] * 10)
        else:
            table.data_type = TensorProto.STRING
            table.ClearField("raw_data")
            table.string_data.extend([b"x" * 100] * 10)

    _change(case, change)


@technique("ONNX IR: sparse tables", ROADS)
def sparse_tables(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        values = numpy_helper.from_array(np.ones(1, np.float32), "evil")
        places = numpy_helper.from_array(np.zeros(1, np.int64), "evil.i")
        model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [2**35]))

    _change(case, change)


@technique("MITRE CWE-674: a graph that needs itself", ROADS)
def circle(case: Case) -> None:
    nodes = [
        helper.make_node("Add", ["evil.b", "evil.one"], ["evil.a"]),
        helper.make_node("Identity", ["evil.a"], ["evil.b"]),
    ]
    _build_in(
        case,
        [*nodes, helper.make_node("ReduceSum", ["evil.a"], ["evil"], keepdims=0)],
        {"evil.one": np.ones(1, np.float32)},
    )


@technique("MITRE CWE-400: more operations than anybody loads", ROADS)
def many_operations(case: Case) -> None:
    count = case.rng.choice([60_000, 150_000])
    nodes = [
        helper.make_node("Identity", [f"evil.{i}" if i else "evil.one"], [f"evil.{i + 1}"])
        for i in range(count)
    ]
    _build_in(case, [*nodes, _summed(f"evil.{count}")], {"evil.one": np.ones(1, np.float32)})


@technique("bundle format: other inputs and outputs", ROADS)
def other_doors(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        graph = model.graph
        way = case.rng.randrange(5)
        if way == 0:
            graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))
        elif way == 1:
            del graph.output[-1]
        elif way == 2:
            first, last = graph.output[0], graph.output[1]
            first.name, last.name = last.name, first.name
        elif way == 3:
            graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
        else:
            graph.output.append(helper.make_tensor_value_info("input_ids", TensorProto.INT64, None))

    _change(case, change)


@technique("MITRE CWE-754: a network whose numbers are none", ROADS)
def no_numbers_out(case: Case) -> None:
    _build_in(case, [helper.make_node("Div", ["evil.zero", "evil.zero"], ["evil"])], {})


@technique("bundle format: another network's sizes", ROADS)
def other_widths(case: Case) -> None:
    def change(model: onnx.ModelProto) -> None:
        graph = model.graph
        node = next(node for node in graph.node if "logits" in node.output)
        node.output[0] = "logits.honest"
        graph.node.append(
            helper.make_node("Concat", ["logits.honest", "logits.honest"], ["logits"], axis=1)
        )

    _change(case, change)


@technique("Protocol Buffers encoding; MITRE CWE-502", ROADS)
def torn(case: Case) -> None:
    name = case.file(layout.MODEL)
    content = case.read(name)
    ways = [
        content[: len(content) // 2],
        content[:-1],
        b"",
        b"\x08" * 5000,
        bytes([0x3A]) + b"\xff" * 9 + b"\x01",
        content + b"\x0b",
        content + content,
    ]
    case.put(
        name, case.rng.choice([*ways, b"\x7fELF" + bytes(500), b"\x3a\x03\x0a\x01" + b"\x0a" * 60])
    )


@technique("Protocol Buffers encoding: millions of empty fields", ROADS)
def many_fields(case: Case) -> None:
    case.put(case.file(layout.MODEL), b"\x32\x00" * case.rng.choice([3_000_000, 20_000_000]))
