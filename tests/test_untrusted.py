"""Untrusted bundles: a sample of fuzz/bundles, and each check alone, with what it accepts and what
it refuses.
"""

from __future__ import annotations

import base64
import importlib
import io
import json
import os
import pickle
import random
import shutil
import socket
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from conftest import TINY
from helpers import edited, seal
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

import vocation
import vocation.training
from vocation import Recommender
from vocation.bundle import (
    check_json,
    check_onnx,
    check_pickle,
    check_shapes,
    check_tokenizer,
    check_weights,
    layout,
    pytorch_files,
    reader,
)
from vocation.bundle.check_shapes import Node, Tensor
from vocation.cli import main
from vocation.errors import BundleError
from vocation.training import pytorch_file
from vocation.training.encoder import export

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
        ("MatMulInteger", ("column", "row"), {}),
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


_WORDS = {"Split": {"behavior": "Isolated", "invert": False}, "Replace": {"content": "x"}}
SLOW_PATTERN = ".?" * 18 + "." * 18 + "[\u2603]"


def part(kind: str, pattern: dict[str, str]) -> dict[str, Any]:
    """A part of a tokenizer that looks for `pattern`."""
    return {"type": kind, "pattern": pattern, **_WORDS[kind]}


def charsmap(tree: bytes, texts: bytes) -> dict[str, Any]:
    """A normalizer that replaces letters by a table."""
    table = len(tree).to_bytes(4, "little") + tree + texts
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}


def template(*ids: int, name: str = "[CLS]") -> dict[str, Any]:
    """A post-processor that puts the special token `name`, in all `ids`, before a text."""
    text = [{"Sequence": {"id": "A", "type_id": 0}}]
    special = {"id": "[CLS]", "ids": list(ids), "tokens": ["x"] * len(ids)}
    single = [{"SpecialToken": {"id": name, "type_id": 0}}, *text]
    second = {"Sequence": {"id": "B", "type_id": 1}}
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": [*text, second],
        "special_tokens": {"[CLS]": special},
    }


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"normalizer": {"type": "Sequence", "normalizers": [charsmap(bytes(1024), b"\0")]}},
        {"normalizer": part("Replace", {"Regex": " {2,}"}), "decoder": None},
        {"pre_tokenizer": part("Split", {"String": " "})},
        {"post_processor": template(2, 3)},
        {"padding": None},
    ],
)
def test_parts_of_known_tokenizers_are_read(small: Path, changed: dict[str, Any]) -> None:
    value = json.loads((small / layout.TOKENIZER).read_bytes())
    rows = len(value["model"]["vocab"])
    assert check_tokenizer.load(json.dumps({**value, **changed}).encode(), rows).encode("a").ids


@pytest.mark.parametrize(
    ("key", "changed", "said"),
    [
        ("pre_tokenizer", part("Split", {"Regex": SLOW_PATTERN}), "pattern"),
        ("pre_tokenizer", part("Split", {"Regex": "(?:.|.)" * 30}), "pattern"),
        ("pre_tokenizer", {"type": "CharDelimiterSplit", "delimiter": "e"}, "kind"),
        ("decoder", part("Replace", {"Regex": SLOW_PATTERN}), "pattern"),
        ("normalizer", part("Replace", {"String": ""}), "pattern"),
        ("normalizer", {**part("Replace", {"String": "a"}), "content": "aa"}, "content"),
        ("normalizer", charsmap(b"\xff" * 1024, b"abc\0"), "charsmap"),
        ("normalizer", charsmap(b"\xff" * 8, b"abc\0"), "charsmap"),
        ("normalizer", charsmap(bytes(1024), b"a" * 100 + b"\0"), "charsmap"),
        ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAA"}, "charsmap"),
        (
            "normalizer",
            {
                "type": "Sequence",
                "normalizers": [charsmap(bytes(1024), b"\0"), {"type": "NFKC"}],
            },
            "too long",
        ),
        ("normalizer", {"type": "Sequence", "normalizers": [{"type": "NFC"}] * 20}, "many"),
        ("post_processor", template(2, name="[NOPE]"), "unknown tokens"),
        ("post_processor", template(4_000_000_000), "special token"),
        ("post_processor", template(*[2] * 2_000), "too much"),
        ("truncation", {"max_length": 10**12, "stride": 0}, "window"),
        ("truncation", {"max_length": 32, "stride": 10**9}, "stride"),
        ("padding", {"strategy": {"Fixed": 10**12}}, "padding"),
        ("added_tokens", [{"id": 0, "content": "the"}, {"id": 10**6, "content": "e"}], "token"),
        ("model", {"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "[NO]"}, "unk_token"),
        ("model", {"type": "Unigram", "vocab": [["a", -1.0]], "unk_id": None}, "unk_id"),
        ("model", {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, "kind"),
    ],
)
def test_other_tokenizers_are_refused_before_their_library_reads_them(
    small: Path, monkeypatch: pytest.MonkeyPatch, key: str, changed: Any, said: str
) -> None:
    monkeypatch.delattr(check_tokenizer, "Tokenizer")
    value = json.loads((small / layout.TOKENIZER).read_bytes())
    rows = len(value["model"]["vocab"])
    with pytest.raises(ValueError, match=said):
        check_tokenizer.load(json.dumps({**value, key: changed}).encode(), rows)


def test_a_panic_of_the_library_is_an_error(small: Path) -> None:
    """The second wall: BaseException would pass every `except Exception`."""
    value = json.loads((small / layout.TOKENIZER).read_bytes())
    value["normalizer"] = charsmap(b"\xff" * 8, b"abc\0")
    tokenizer = Tokenizer.from_str(json.dumps(value))
    with pytest.raises(ValueError, match="cannot be used"), check_tokenizer.no_panic():
        tokenizer.encode("a")


def _calibrated(small: Path, **changes: Any) -> dict[str, object]:
    metadata = json.loads((small / layout.METADATA).read_bytes())
    metadata["calibration"] |= changes
    return {layout.METADATA: metadata}


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": dict.fromkeys(("classifier", "similarity", "ngrams"), 1e308)},
        {"weights": dict.fromkeys(("classifier", "similarity", "ngrams"), -5.0)},
        {"confidence_threshold": 1e300},
        {"domain_confidence": -1},
    ],
)
def test_a_calibration_stays_in_its_ranges(
    small: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    Recommender.load(edited(small, tmp_path / "same", _calibrated(small)))
    with pytest.raises(BundleError, match=r"model_metadata\.json does not have the agreed shape"):
        Recommender.load(edited(small, tmp_path / "other", _calibrated(small, **changes)))


@pytest.mark.parametrize(
    ("name", "factor"), [(layout.EMBEDDINGS, 1e38), (layout.NGRAM_FACTORS, -1)]
)
def test_tables_stay_in_their_ranges(small: Path, tmp_path: Path, name: str, factor: float) -> None:
    folder = edited(small, tmp_path / "models", {})
    np.save(folder / name, np.load(folder / name) * np.load(folder / name).dtype.type(factor))
    with pytest.raises(BundleError, match=f"{name} has numbers that this table cannot have"):
        Recommender.load(seal(folder))


def test_no_answer_is_made_of_numbers_that_are_none(small: Path, tmp_path: Path) -> None:
    """A network that gives NaN as soon as a text has more than eight tokens; scores that overflow."""
    model = onnx.load(small / layout.MODEL)
    tables = {"one": np.array([1]), "most": np.array([8.0], np.float32)}
    model.graph.initializer.extend(numpy_helper.from_array(t, n) for n, t in tables.items())
    nodes = list(model.graph.node)
    place = next(i for i, node in enumerate(nodes) if "features" in node.output)
    nodes[place].output[:] = ["before"]
    nodes[place + 1 : place + 1] = [
        helper.make_node("Shape", ["input_ids"], ["sides"]),
        helper.make_node("Gather", ["sides", "one"], ["length"], axis=0),
        helper.make_node("Cast", ["length"], ["tokens"], to=1),
        helper.make_node("Sub", ["most", "tokens"], ["left"]),
        helper.make_node("Sqrt", ["left"], ["trap"]),
        helper.make_node("Add", ["before", "trap"], ["features"]),
    ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    folder = edited(small, tmp_path / "models", {})
    (folder / layout.MODEL).write_bytes(model.SerializeToString())
    recommender = Recommender.load(seal(folder))
    assert recommender.recommend("bread").careers
    with pytest.raises(BundleError, match="infinite or none"):
        recommender.recommend("I get up at four and love the smell of bread in the oven")
    recommender = Recommender.load(small)
    recommender._models[0]._weights["similarity"] = 1e400
    with pytest.raises(BundleError, match="infinite or none"):
        recommender.recommend("I love the smell of bread")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize(
    "command", [["recommend", "text", "--bundle"], ["train", "--start-from"], ["train", "--config"]]
)
def test_a_pipe_is_never_waited_for(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert main([*command, str(pipe)]) == 1
    assert "it is not a regular file" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", [*layout.SERVING, layout.MANIFEST, layout.WEIGHTS, layout.LABELS])
def test_a_pipe_or_link_in_place_of_a_file_is_refused(
    small: Path, tmp_path: Path, name: str
) -> None:
    folder = shutil.copytree(small, tmp_path / "models")
    (folder / layout.ZIP).unlink()
    for replace in (os.mkfifo, lambda path: os.symlink(small / name, path)):
        (folder / name).unlink()
        replace(folder / name)
        with pytest.raises(BundleError, match=name):
            reader.read_whole(folder)


def test_a_zip_that_is_a_link_in_a_folder_is_refused(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "there" / layout.ZIP
    target.parent.mkdir()
    os.symlink(small / layout.ZIP, target)
    with pytest.raises(BundleError, match=r"trained_models\.zip is neither"):
        Recommender.load(target.parent)
    assert Recommender.load(target).classes, "a link that the user names is the user's own"


def test_a_long_list_of_entries_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive:
        for i in range(2_000):
            archive.writestr(f"{i}", b"")
    monkeypatch.delattr(zipfile, "ZipFile")
    with pytest.raises(BundleError, match="lists more than 80 entries"):
        Recommender.load(tmp_path / "long.zip")


def test_long_names_of_skills_are_refused(small: Path, tmp_path: Path) -> None:
    careers = json.loads((small / layout.PROFILES).read_bytes())
    careers[0]["skills"] = [f"{'a ' * 450}{i}" for i in range(1_200)]
    with pytest.raises(BundleError, match="more than a text can be searched for"):
        Recommender.load(edited(small, tmp_path / "models", {layout.PROFILES: careers}))


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
        assert check_weights.check(stream, "here") == sorted(TINY)
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


def _changed_weights(content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**content, "model_state_dict": {**content["model_state_dict"], **changes}}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            # one number that says it is a million by four thousand
            lambda content: _changed_weights(
                content, **{"classifier.0.bias": torch.zeros(1).expand(2**20, 2**12)}
            ),
            "tensors that are larger than their numbers",
        ),
        (
            lambda content: _changed_weights(
                content, **{"classifier.0.bias": torch.full((16,), torch.nan)}
            ),
            "infinite or none",
        ),
        (lambda content: {**content, "classes": ["A"] * 9}, "do not belong together"),
        (
            lambda content: {**content, "config": {**content["config"], "hidden_dim": 4000}},
            "do not belong together",
        ),
        (
            lambda content: {**content, "config": {**content["config"], "max_length": 10**9}},
            "max_length must be",
        ),
        (lambda content: {**content, "classes": ["\x1b[2J", "B", "C", "D"]}, "control"),
    ],
)
def test_pull_and_start_from_check_the_same_of_weights(
    small: Path, tmp_path: Path, change: Any, sentence: str
) -> None:
    folder = shutil.copytree(small, tmp_path / "models")
    torch.save(change(pytorch_file.read(small / layout.WEIGHTS)), folder / layout.WEIGHTS)
    (folder / layout.ZIP).unlink()
    with pytest.raises(BundleError, match=sentence):
        pytorch_files.check_start(seal(folder))
    with pytest.raises(BundleError, match=sentence):
        reader.read_whole(folder)


def test_weights_and_labels_are_of_these_careers(small: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small, tmp_path / "models")
    (folder / layout.ZIP).unlink()
    (folder / layout.LABELS).write_bytes(export.label_file(["A", "B"]))
    with pytest.raises(
        BundleError, match=r"label_encoder\.pkl is that of a model for other careers"
    ):
        reader.read_whole(seal(folder))


def test_a_label_encoder_asks_for_no_more_than_it_has() -> None:
    array = b"\x80\x04cnumpy\nndarray\n(J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86tR."
    honest = export.label_file(["A", "B"])
    assert check_pickle.check_labels(honest, "here") == ["A", "B"]
    for data in (array, honest.replace(b"K\x02\x85", b"K\x09\x85")):
        with pytest.raises(BundleError, match="is not a plain LabelEncoder: train again"):
            check_pickle.check_labels(data, "here")


@pytest.mark.parametrize("name", ["stranger/evil-base", None])
def test_a_bundle_chooses_no_base_model(
    small: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    """Neither from the hub, with the user's token, nor a folder (None: the one that it was made
    of).
    """

    def connect(*_: object) -> None:
        raise AssertionError("a bundle asks for a connection")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for file in layout.PYTORCH_FILES:
        shutil.copy(small / file, tmp_path / file)
    content = pytorch_file.read(small / layout.WEIGHTS)
    content["config"]["base_model"] = name or str(tiny_base)
    torch.save(content, tmp_path / layout.WEIGHTS)
    with pytest.raises(BundleError, match=r"which is not installed here.*base_model=\.\.\."):
        vocation.training.rebuild_bundle(tmp_path)
    assert Recommender.load(vocation.training.rebuild_bundle(tmp_path, tiny_base)).classes


def test_start_from_notices_a_flipped_bit(small: Path, tmp_path: Path) -> None:
    from vocation.training.warm_start import WarmStart

    folder = shutil.copytree(small, tmp_path / "models")
    content = bytearray((folder / layout.WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / layout.WEIGHTS).write_bytes(content)
    with pytest.raises(BundleError, match=r"career_model_cpu.pth is not the file that was written"):
        WarmStart.open(folder)
    assert json.loads((folder / layout.MANIFEST).read_bytes())["format"] == layout.FORMAT
