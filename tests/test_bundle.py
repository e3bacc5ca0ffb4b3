"""The reader trusts nothing: each way to tamper is refused in one sentence."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from vocation import Recommender
from vocation.bundle import check_onnx, check_shapes, check_zip, layout, reader
from vocation.errors import BundleError
from vocation.serving import network
from vocation.text import person


@pytest.fixture
def copy(bundle_folder: Path, tmp_path: Path) -> Path:
    """A copy of the shared bundle that a test may damage."""
    folder = tmp_path / "models"
    shutil.copytree(bundle_folder, folder)
    return folder


def reseal(folder: Path) -> None:
    """Write a manifest that matches the files as they are now: an attacker can do that, too."""
    names = [
        path.name for path in folder.iterdir() if path.name not in (layout.MANIFEST, layout.ZIP)
    ]
    (folder / layout.MANIFEST).write_bytes(
        layout.manifest_of({name: (folder / name).read_bytes() for name in names})
    )


def test_folder_and_zip_answer_alike(bundle_folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.copy(bundle_folder / layout.ZIP, moved)
    texts = ["I bake bread", "I grow vegetables"]
    expected = Recommender.load(bundle_folder).probabilities(texts)
    for path in (bundle_folder / layout.ZIP, moved):
        np.testing.assert_array_equal(Recommender.load(path).probabilities(texts), expected)


def test_a_flipped_bit_in_any_file_is_noticed(copy: Path) -> None:
    for name in layout.SERVING:
        original = (copy / name).read_bytes()
        flipped = bytearray(original)
        flipped[len(flipped) // 2] ^= 1
        (copy / name).write_bytes(flipped)
        with pytest.raises(BundleError, match=f"{name} is not the file that was written"):
            reader.read(copy)
        (copy / name).write_bytes(original)
    reader.read(copy)


@pytest.mark.parametrize(
    ("rows", "columns"), [(64, 384), (64 + layout.MOST_TITLES + 1, 384), (80, 383), (80, 385)]
)
def test_titles_have_a_row_for_each_career_and_more(copy: Path, rows: int, columns: int) -> None:
    np.save(copy / layout.TITLES, np.ones((rows, columns), np.int8))
    reseal(copy)
    with pytest.raises(BundleError, match=r"titles\.npy is not"):
        reader.read(copy)
    np.save(copy / layout.TITLES, np.ones((80, 384), np.int8))
    reseal(copy)
    reader.read(copy)


def test_the_guides_four_files_alone_get_one_sentence(copy: Path) -> None:
    for path in copy.iterdir():
        if path.name not in (layout.WEIGHTS, layout.LABELS, layout.EMBEDDINGS, layout.METADATA):
            path.unlink()
    missing = (
        "model.onnx, tokenizer.json, ngrams.npy, ngram_factors.npy, profiles.json,"
        " public_texts.npy, manifest.json"
    )
    expected = rf"lacks those that answer questions \({missing}\): copy every"
    with pytest.raises(BundleError, match=expected):
        Recommender.load(copy)


def test_a_missing_bundle_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"there is no bundle at .*nowhere: train one with"):
        Recommender.load(tmp_path / "nowhere")


def _npy(shape: object, descr: str = "<f4") -> bytes:
    header = (
        repr({"descr": descr, "fortran_order": False, "shape": shape}).encode("latin-1") + b"\n"
    )
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        # asks for 256 TB
        ("career_embeddings.npy", _npy((64, 10**12)), "is not a table of 64 rows"),
        # would be unpickled by numpy
        ("career_embeddings.npy", _npy((64, 384), "|O"), "is not a table of 64 rows"),
        (
            "career_embeddings.npy",
            b"\x93NUMPY\x01\x00\xff\xff__import__('os').abort()",
            "is not a table of 64 rows",
        ),
        ("profiles.json", b"[" * 100_000, "not readable JSON|not a list of careers"),
        ("profiles.json", b"[]", "name different careers"),
        ("profiles.json", b'[{"name": 3}]', "not a list of careers"),
        (
            "profiles.json",
            b'[{"name": "A", "description": "", "skills": [], "books": [], "questions": [], "facts": {"pay_median": "x"}}]',
            "not a list of careers",
        ),
        ("model_metadata.json", b'{"classes": ["A", "A"]}', "at least two different careers"),
        ("model_metadata.json", b'{"classes": ["A", NaN]}', "not readable JSON"),
        ("model.onnx", b"not a model", "cannot be loaded"),
        ("tokenizer.json", b"{}", "cannot be loaded"),
    ],
)
def test_content_that_lies_is_refused(copy: Path, name: str, content: bytes, sentence: str) -> None:
    (copy / name).write_bytes(content)
    reseal(copy)
    with pytest.raises(BundleError, match=sentence):
        Recommender.load(copy)


def test_a_graph_cannot_read_files_outside(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX lets a weight lie in another file; the library would open it, relative to the working
    directory.
    """
    import onnx

    (tmp_path / "secret.bin").write_bytes(np.ones(384, np.float32).tobytes())
    model = onnx.load(copy / layout.MODEL)
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "classifier.0.bias")
    bias.ClearField("raw_data")
    bias.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (
        ("location", "secret.bin"),
        ("offset", "0"),
        ("length", str(4 * bias.dims[0])),
    ):
        entry = bias.external_data.add()
        entry.key, entry.value = key, value
    (copy / layout.MODEL).write_bytes(model.SerializeToString())
    reseal(copy)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="cannot be loaded"):
        Recommender.load(copy)


def test_links_are_not_followed(copy: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    shutil.move(copy / layout.PROFILES, outside)
    os.symlink(outside, copy / layout.PROFILES)
    with pytest.raises(BundleError, match="cannot be read as a plain file"):
        reader.read(copy)


def _with_entry(name: str, attributes: int = 0) -> Callable[[zipfile.ZipFile], None]:
    def add(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr = attributes << 16
        archive.writestr(info, b"x")

    return add


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_with_entry("../escape.txt"), "not a plain file at its top"),
        (_with_entry("folder/file"), "not a plain file at its top"),
        (_with_entry("C:evil"), "not a plain file at its top"),
        (_with_entry("link", 0o120777), "not a plain file at its top"),
        (_with_entry("MODEL.ONNX"), "two of the same name"),
    ],
)
def test_zip_tricks_are_refused(
    copy: Path, change: Callable[[zipfile.ZipFile], None], sentence: str
) -> None:
    with zipfile.ZipFile(copy / layout.ZIP, "a") as archive:
        change(archive)
    with pytest.raises(BundleError, match=sentence):
        reader.read(copy / layout.ZIP)


@pytest.mark.parametrize(
    "fact",
    [
        f"format {layout.FORMAT}.",
        "version of these rules, the constant `MASKING`",
        f"more than {network._MOST_MEMORY // 10**6} MB",
        f"versions other than {check_shapes.OPSETS[0]} to {check_shapes.OPSETS[-1]}",
        f"more than {check_onnx.MOST_NODES:,} operations",
        f"more than {layout.MOST_SKILLS:,} different skills",
        f"more than {check_zip.MOST_ENTRIES} entries",
    ],
)
def test_the_page_states_the_limits_of_the_code(fact: str) -> None:
    page = (ROOT / "docs" / "bundle-format.md").read_text(encoding="utf-8")
    assert fact in " ".join(page.split())


def test_the_metadata_has_the_version_of_the_masking(bundle_folder: Path) -> None:
    metadata = json.loads((bundle_folder / layout.METADATA).read_bytes())
    assert metadata["masking"] == person.MASKING


@pytest.mark.parametrize("path", ["models", layout.ZIP])
def test_an_older_format_says_train_again(path: str, copy: Path, tmp_path: Path) -> None:
    """Its files have other names, too: the format is the reason, not the missing names."""
    files = {name.replace("ngram", "word"): (copy / name).read_bytes() for name in layout.WRITTEN}
    older = json.loads(layout.manifest_of(files)) | {"format": 2}
    files[layout.MANIFEST] = json.dumps(older).encode()
    folder = tmp_path / "older"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if path == layout.ZIP:
        with zipfile.ZipFile(tmp_path / layout.ZIP, "w") as archive:
            for name in files:
                archive.write(folder / name, name)
        folder = tmp_path / layout.ZIP
    for read in (reader.read, reader.read_whole, reader.read_serving):
        with pytest.raises(BundleError, match=r"has bundle format 2, .* format \d+: train again"):
            read(folder)
