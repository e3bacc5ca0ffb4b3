"""Untrusted bundles: a sample of fuzz/bundles, and each check alone, with what it accepts and what
it refuses.
"""

from __future__ import annotations

import importlib
import io
import json
import pickle
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

import vocation
from vocation import Recommender
from vocation.bundle import (
    check_json,
    check_onnx,
    check_pickle,
    check_shapes,
    check_tokenizer,
    layout,
)
from vocation.bundle.check_shapes import Node, Tensor
from vocation.cli import main
from vocation.errors import BundleError
from vocation.training import pytorch_file

SLOW = ("bomb", "giant", "many", "slow", "large", "packed", "deep", "growing", "endless")
TEXTS = ["I bake bread", "I write code and fix bugs"]


@pytest.fixture(scope="module")
def small(tiny_data: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of four careers over a tiny base model."""
    config = {
        "base_model": str(tiny_base),
        "max_length": 32,
        "min_steps": 2,
        "num_epochs": 1,
        "hidden_dim": 16,
    }
    return vocation.train(
        tiny_data, tmp_path_factory.mktemp("small") / "models", preset="head", config=config
    ).folder


@pytest.fixture(scope="module")
def campaign() -> Any:
    for kind in ("files", "graphs", "pickles", "tables", "texts", "weights", "zips"):
        importlib.import_module(f"fuzz.bundles.in_{kind}")
    return importlib.import_module("fuzz.bundles.cases")


def test_a_sample_is_refused_in_one_sentence(
    small: Path, campaign: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `vocation recommend`, or by `vocation pull` where it is in a file that only PyTorch users
    open. What they run would leave a canary.

    Techniques that take seconds to make, or another command to try, stay with the campaign.
    """
    known = [
        one
        for one in campaign.TECHNIQUES
        if "tiny" in one.bases and {"recommend", "pull"} & set(one.roads)
    ]
    quick = [one for one in known if not any(word in one.name for word in SLOW)]
    assert len(quick) > 80
    kept = random.Random(1).sample(quick, 30)
    for number, one in enumerate(kept):
        folder = tmp_path / str(number)
        case = campaign.Case(campaign.copy(small, folder / "bundle"), random.Random(number))
        case.secret.write_bytes(bytes(4096))
        one.spoil(case)
        if case.sealed and case.path == case.folder:
            case.seal()
        command = (
            ["recommend", "I bake bread", "--bundle"]
            if "recommend" in one.roads
            else ["pull", "--output", str(folder / "out")]
        )
        assert main([*command, str(case.path)]) == 1, (one.name, case.note)
        said = capsys.readouterr().err
        assert said.startswith("vocation: "), (one.name, case.note, said)
        assert said.count("\n") == 1, (one.name, case.note, said)
        assert not case.canary.exists(), (one.name, case.note)
        assert not (folder / "out").exists()
        shutil.rmtree(folder)


def test_flipped_bits_of_folder_and_zip(
    small: Path, campaign: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    flips = importlib.import_module("fuzz.bundles.flips")
    assert flips.flips(small, 60, seed=3) == 0
    assert "60 flipped bits: " in capsys.readouterr().out


def test_zips_of_other_tools_are_read(small: Path, tmp_path: Path) -> None:
    """In any order, stored or deflated, with files of their own, and written as a stream, where
    sizes stand behind each file.
    """
    expected = Recommender.load(small).probabilities(TEXTS)
    names = [path.name for path in small.iterdir() if path.name != layout.ZIP]
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(tmp_path / f"{method}.zip", "w", method) as archive:
            for name in [*reversed(names), *names[:0]]:
                archive.write(small / name, name)
            archive.writestr("README", "Take me to your team.")
            archive.writestr(".DS_Store", b"\0\0\0\1Bud1")
        np.testing.assert_array_equal(
            Recommender.load(tmp_path / f"{method}.zip").probabilities(TEXTS), expected
        )
    whole = io.BytesIO()
    whole.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            with archive.open(name, "w") as entry:
                entry.write((small / name).read_bytes())
    (tmp_path / "streamed.zip").write_bytes(whole.getvalue())
    np.testing.assert_array_equal(
        Recommender.load(tmp_path / "streamed.zip").probabilities(TEXTS), expected
    )


def test_graphs_are_lists_of_known_operations(small: Path) -> None:
    model = onnx.load(small / layout.MODEL)
    table = next(tensor for tensor in model.graph.initializer if "word_embeddings" in tensor.name)
    assert check_onnx.parse(model.SerializeToString()).tokens == table.dims[0]
    model.graph.node.append(helper.make_node("PyOp", ["features"], ["x"], domain="ai.onnx.contrib"))
    with pytest.raises(ValueError, match=r"'ai.onnx.contrib.PyOp', which no encoder needs"):
        check_onnx.parse(model.SerializeToString())


def test_every_shape_of_an_honest_graph_is_computed(small: Path) -> None:
    """As ONNX Runtime has it, for several numbers of texts, windows and tokens."""
    model = onnx.load(small / layout.MODEL)
    graph = check_onnx.parse(model.SerializeToString())
    names = [name for node in model.graph.node for name in node.output]
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    for texts, windows, length in ((1, 1, 3), (2, 5, 7), (3, 3, 32)):
        feed = {
            "input_ids": np.ones((windows, length), np.int64),
            "attention_mask": np.ones((windows, length), np.int64),
            "window_weights": np.ones((texts, windows), np.float32),
        }
        inputs = {name: values.shape for name, values in feed.items()}
        computed = check_shapes.check(graph.nodes, graph.tables, inputs, 10**9)
        for name, values in zip(names, session.run(names, feed), strict=True):
            assert computed[name].shape == values.shape, name
            if (known := computed[name].values) is not None:
                assert list(known) == values.ravel().tolist(), name


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes"),
    [
        ("Add", ("column", "row"), {}),
        ("MatMul", ("column", "row"), {}),
        ("Gemm", ("row", "column"), {"transA": 1, "transB": 1}),
        ("Expand", ("one", "large"), {}),
        ("ConstantOfShape", ("large",), {}),
        ("Range", ("zero", "end", "step"), {}),
        ("Gather", ("wide", "column_of_zeros"), {}),
        ("GatherND", ("wide", "column_of_zeros"), {}),
        ("com.microsoft.MatMulNBits", ("column",), {"N": 10**6}),
        ("Concat", ("wide",) * 3000, {"axis": 0}),
    ],
)
def test_small_tables_cannot_become_large(
    kind: str, inputs: tuple[str, ...], attributes: dict[str, int]
) -> None:
    side = 20_000
    tables = {
        "column": Tensor((side, 1)),
        "row": Tensor((1, side)),
        "one": Tensor((1,)),
        "large": Tensor((2,), (side, side)),
        "zero": Tensor((), (0,)),
        "end": Tensor((), (10**12,)),
        "step": Tensor((), (1,)),
        "wide": Tensor((1, side)),
        "column_of_zeros": Tensor((side, 1)),
    }
    with pytest.raises(ValueError, match="more than 400 MB"):
        check_shapes.check([Node(kind, inputs, ["x"], attributes)], tables, {}, 400_000_000)


@pytest.mark.parametrize(
    "nodes",
    [
        # a size that depends on the text, that overflows, or that comes later in the graph
        [Node("ReduceMax", ["ids"], ["n"]), Node("ConstantOfShape", ["n"], ["x"])],
        [Node("Mul", ["big", "big"], ["n"]), Node("ConstantOfShape", ["n"], ["x"])],
        [Node("ConstantOfShape", ["n"], ["x"]), Node("Shape", ["ids"], ["n"])],
        [Node("Reshape", ["ids", "big"], ["x"])],
        [Node("Expand", ["ids", "ids"], ["x"])],
        [Node("Range", ["ids", "ids", "ids"], ["x"])],
        [Node("Slice", ["ids", "ids", "ids"], ["x"])],
        [Node("Unheard", ["ids"], ["x"])],
        [Node("LayerNormalization", ["ids", "ids"], ["x", "y"])],
    ],
    ids=lambda nodes: nodes[0].kind,
)
def test_a_size_that_cannot_be_known_is_refused(nodes: list[Node]) -> None:
    tables = {"big": Tensor((1,), (2**40,))}
    with pytest.raises(ValueError, match="cannot be known"):
        check_shapes.check(nodes, tables, {"ids": (1, 3)}, 10**9)


def test_loading_does_not_limit_the_memory_of_the_process(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")  # none on Windows

    def limit(*_: object) -> None:
        raise AssertionError("another thread would run out of memory")

    monkeypatch.setattr(resource, "setrlimit", limit)
    assert Recommender.load(small).probabilities(TEXTS).shape == (2, 4)


@pytest.mark.parametrize(
    ("pattern", "quick"),
    [
        (
            r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            True,
        ),  # GPT-2's and RoBERTa's
        (" {2,}", True),
        ("(a+)+$", False),
        ("(a|aa)*b", False),
        (r"(a*)\1b", False),
        ("a+*b", False),
        ("[a|]*[b|]*[c|]*d", False),
    ],
)
def test_patterns_that_can_take_forever(pattern: str, quick: bool) -> None:
    assert check_tokenizer.quick(pattern) is quick


def test_json_is_strict() -> None:
    assert check_json.parse(b'{"a": [1, 2.5, null, "x\\n"]}') == {"a": [1, 2.5, None, "x\n"]}
    for data in (
        b'{"a": 1, "a": 2}',
        b"[1e999]",
        b"[NaN]",
        b"[" + b"9" * 30 + b"]",
        b'["\\u001b[2J"]',
        b'["\\ud800"]',
        b"[" + b"[]," * 2_000_000 + b"1]",
    ):
        with pytest.raises(ValueError, match=r"\w"):
            check_json.parse(data)
    shape = {"a": int, "b?": (None, [str]), "c?": {...: float}}
    assert check_json.fits({"a": 1, "b": None, "c": {"x": 0.5}, "more": 1}, shape)
    for value in (
        {},
        {"a": True},
        {"a": 1, "b": "x"},
        {"a": 1, "b": [1]},
        {"a": 1, "c": {"x": "y"}},
        [1],
    ):
        assert not check_json.fits(value, shape)


def test_pickles_name_what_an_honest_file_needs(small: Path) -> None:
    check_pickle.check_labels((small / layout.LABELS).read_bytes(), "here")
    with open(small / layout.WEIGHTS, "rb") as stream:
        check_pickle.check_weights(stream, "here")
    for protocol in range(6):
        with pytest.raises(
            BundleError,
            match=(
                r"here: label_encoder.pkl is not a plain LabelEncoder: it would run"
                r" 'builtins.print|__builtin__.print"
            ),
        ):
            check_pickle.check_labels(pickle.dumps({"classes_": _Call()}, protocol), "here")
    with pytest.raises(BundleError, match="it has bytes after its end"):
        check_pickle.check_labels((small / layout.LABELS).read_bytes() + b"x", "here")


class _Call:
    def __reduce__(self) -> Any:
        return print, ("run",)


def test_weights_must_be_as_large_as_they_say(small: Path, tmp_path: Path) -> None:
    """One number that says it is a million by four thousand, and careers that the last layer does
    not know: before anything is allocated.
    """
    import torch

    content = pytorch_file.read(small / layout.WEIGHTS)
    wide = {
        **content,
        "model_state_dict": {
            **content["model_state_dict"],
            "classifier.0.bias": torch.zeros(1).expand(2**20, 2**12),
        },
    }
    for changed, sentence in (
        (wide, "tensors that are larger than their numbers"),
        ({**content, "classes": ["A"] * 9}, "do not belong together"),
    ):
        torch.save(changed, tmp_path / layout.WEIGHTS)
        with pytest.raises(BundleError, match=sentence):
            pytorch_file.read(tmp_path / layout.WEIGHTS)


def test_start_from_notices_a_flipped_bit(small: Path, tmp_path: Path) -> None:
    from vocation.training.warm_start import WarmStart

    folder = shutil.copytree(small, tmp_path / "models")
    content = bytearray((folder / layout.WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / layout.WEIGHTS).write_bytes(content)
    with pytest.raises(BundleError, match=r"career_model_cpu.pth is not the file that was written"):
        WarmStart.open(folder)
    assert json.loads((folder / layout.MANIFEST).read_bytes())["format"] == layout.FORMAT
