"""Several bundles in one: it answers with their mean, keeps a shared encoder once, and is read as
carefully as any bundle.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, write_csv

import vocation
from vocation import Recommender
from vocation.bundle import ensemble, layout, reader
from vocation.cli import main
from vocation.errors import BundleError
from vocation.hub import pull

TEXTS = [
    "I bake bread at night",
    "I like soil and roses in my garden",
    "I write code and sit with patients",
    "lawns " * 300,
]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> dict[str, Path]:
    """`a` and `b`: two seeds with one encoder. `other`: shorter windows, thus another tokenizer.
    `renamed`: a Chef in place of the Baker.
    """
    folder = tmp_path_factory.mktemp("members")
    for name, baker in (("same", "Baker"), ("renamed", "Chef")):
        rows = [
            [baker if role == "Baker" else role, text]
            for role, texts in TINY.items()
            for text in texts
        ]
        (folder / name).mkdir()
        write_csv(folder / name / "profiles.csv", ["role", "profile"], rows)
    made = {}
    for name, data, settings in (
        ("a", "same", {"seed": 1}),
        ("b", "same", {"seed": 2}),
        ("other", "same", {"seed": 3, "max_length": 64}),
        ("renamed", "renamed", {"seed": 4}),
    ):
        config = {"base_model": str(tiny_base), "num_epochs": 3, **settings}
        made[name] = vocation.train(
            folder / data, folder / "bundles" / name, preset="head", config=config
        ).folder
    return made


@pytest.fixture(scope="module")
def pair(members: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("pair") / "pair"
    assert main(["ensemble", str(members["a"]), str(members["b"]), "--output", str(output)]) == 0
    return output


def test_it_answers_with_the_mean_and_keeps_one_encoder(
    members: dict[str, Path], pair: Path
) -> None:
    parts = [Recommender.load(members[name]).probabilities(TEXTS) for name in ("a", "b")]
    assert np.abs(parts[0] - parts[1]).max() > 1e-4, (
        "two seeds differ, otherwise this proves nothing"
    )
    for path in (pair, pair / layout.ZIP):
        whole = Recommender.load(path)
        np.testing.assert_allclose(whole.probabilities(TEXTS), (parts[0] + parts[1]) / 2, atol=1e-6)
    assert whole.recommend(TEXTS[0], explain=True).careers
    models = [path.name for path in pair.iterdir() if path.name.endswith(layout.MODEL)]
    assert models == ["1-model.onnx"]
    one = (members["a"] / layout.MODEL).stat().st_size
    assert (pair / models[0]).stat().st_size < 1.8 * one
    assert layout.WEIGHTS not in reader.read_whole(pair)


def test_other_encoders_are_all_stored_and_measured(
    members: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(
        tmp_path / "rows.csv",
        ["text", "career"],
        [[text, role] for role, texts in TINY.items() for text in texts[:2]],
    )
    rows = ["--evaluate", str(tmp_path / "rows.csv")]
    rows += ["--text-column", "text", "--label-column", "career"]
    three = [str(members[name]) for name in ("a", "b", "other")]
    assert main(["ensemble", *three, "--output", str(tmp_path / "c"), *rows]) == 0
    said = capsys.readouterr().out
    assert "2 different encoders, all stored and run" in said
    assert said.count("n = 8") == 4  # the members and the ensemble
    assert "all stored and run" in (tmp_path / "c" / layout.CARD).read_text(encoding="utf-8")
    parts = [Recommender.load(path).probabilities(TEXTS) for path in three]
    whole = Recommender.load(tmp_path / "c")
    assert set(whole.classes) == {*TINY}
    np.testing.assert_allclose(whole.probabilities(TEXTS), np.mean(parts, axis=0), atol=1e-6)


def test_pool_and_verdict() -> None:
    """Careers 0 and 1 are known to both, 2 to the second only: means .5, .25 and .5, with the sum
    1.25.
    """
    pooled = ensemble.pool(
        [np.array([[0.8, 0.2]]), np.array([[0.2, 0.3, 0.5]])],
        [np.array([0, 1]), np.array([0, 1, 2])],
        3,
    )
    np.testing.assert_allclose(pooled, np.array([[0.5, 0.25, 0.5]]) / 1.25)
    order = ("short", "far", "near")
    assert ensemble.majority_reason([None, None, "far"], order) is None
    assert ensemble.majority_reason([None, "near"], order) == "near", "half is enough"
    assert ensemble.majority_reason(["near", "far", None], order) == "far", (
        "equals: the first in order"
    )
    assert ensemble.conservative_thresholds(
        [
            {"set_threshold": 0.9, "confidence_threshold": 0.1},
            {"set_threshold": 0.8, "confidence_threshold": 0.2},
        ]
    ) == {"set_threshold": 0.9, "confidence_threshold": 0.2}


def test_what_cannot_be_averaged_gets_one_sentence(
    members: dict[str, Path],
    pair: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    a, b, out = str(members["a"]), str(members["b"]), str(tmp_path / "out")
    (tmp_path / "empty").mkdir()
    for arguments, expected in (
        ([a, "--output", out], "needs 2 to 8 bundles, found 1"),
        ([a, f"{a}/{layout.ZIP}", "--output", out], "is named twice"),
        ([a, b, "--output", b], "is one of the bundles to average"),
        ([a, str(tmp_path / "empty"), "--output", out], "is not a complete bundle"),
        ([a, str(tmp_path / "none"), "--output", out], "there is no bundle at"),
        ([a, str(pair), "--output", out], "is an ensemble itself"),
        ([a, str(members["renamed"]), "--output", out], "renamed knows Chef. Averaged"),
        ([a, b, str(members["renamed"]), "--output", out], "a knows Baker; only"),
        ([a, b, "--output", out, "--evaluate", "x.csv"], "belong together"),
    ):
        assert main(["ensemble", *arguments]) == 1
        error = capsys.readouterr().err
        assert expected in error
        assert error.count("\n") == 1, error
    assert not Path(out).exists()


def test_its_files_are_checked_like_any_bundles(pair: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pair"
    shutil.copytree(pair, copy)
    for name in reader.read_whole(pair):
        original = (copy / name).read_bytes()
        if name != layout.CARD:  # people read it, serving does not
            flipped = bytearray(original)
            flipped[len(flipped) // 2] ^= 1
            (copy / name).write_bytes(flipped)
            with pytest.raises(BundleError, match="is not the file that was written"):
                reader.read(copy)
        (copy / name).unlink()
        with pytest.raises(BundleError, match="lacks"):
            reader.read(copy)
        (copy / name).write_bytes(original)
    reader.read(copy)


@pytest.mark.parametrize(
    "change",
    [
        {"model.onnx": 2},
        {"model.onnx": 0},
        {"ngrams.npy": True},
        {"../ngrams.npy": 1},
        {"tokenizer.json": 9},
    ],
)
def test_a_list_of_another_shape_is_refused(
    pair: Path, tmp_path: Path, change: dict[str, int]
) -> None:
    files = reader.read_whole(pair)
    value = json.loads(files[ensemble.LIST])
    value["members"][0]["files"] |= change
    with pytest.raises(BundleError, match=r"ensemble\.json does not have the agreed shape"):
        reader.read_files(files | {ensemble.LIST: json.dumps(value).encode()}, "untrusted")


def test_heads_that_do_not_fit_are_refused(members: dict[str, Path], pair: Path) -> None:
    files = reader.read_whole(pair) | {
        "1-model.onnx": (members["a"] / layout.MODEL).read_bytes()
    }  # the heads of one, for two
    with pytest.raises(BundleError, match="do not belong together"):
        Recommender(reader.read_files(files, "untrusted"))


def test_it_travels_and_leaves_nothing_behind(
    members: dict[str, Path], pair: Path, tmp_path: Path
) -> None:
    moved = pull(str(pair), tmp_path / "moved")
    np.testing.assert_array_equal(
        Recommender.load(moved).probabilities(TEXTS), Recommender.load(pair).probabilities(TEXTS)
    )
    assert (moved / layout.ZIP).read_bytes() == (pair / layout.ZIP).read_bytes()
    pull(str(members["a"]), moved)  # a single bundle in the place of an ensemble
    assert {path.name for path in moved.iterdir()} == {path.name for path in members["a"].iterdir()}
