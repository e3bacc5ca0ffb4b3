"""A sample of fuzz/privacy.py: canaries in people's texts turn up nowhere; membership inference."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, write_csv

import vocation
from vocation import cli, metrics
from vocation.bundle import layout
from vocation.reports import card, privacy

CANARY = "Qzvexilabomnud"
CRASH = "the network is broken"


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under `folder`, and every member of the archives among them."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield path.name, content
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from (
                    (f"{path.name}:{name}", archive.read(name)) for name in archive.namelist()
                )


def holding(folder: Path) -> list[str]:
    needles = CANARY.lower().encode(), CANARY.lower().encode("utf-16-le")
    return [
        name
        for name, content in contents(folder)
        if any(needle in content.lower() for needle in needles)
    ]


@pytest.fixture(scope="module")
def halves(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path]:
    """Two bundles on disjoint first-person rows of the same careers, a canary in every row, and the
    folder that everything was written to.
    """
    work = tmp_path_factory.mktemp("canaries")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOCATION_CACHE", str(work / "left" / "cache"))
        folders = []
        for half in (0, 1):
            data = work / f"data{half}"
            data.mkdir()
            rows = [
                [role, f"{text}, says {CANARY} ({CANARY}@example.org)"]
                for role, texts in TINY.items()
                for text in texts[half::2]
            ]
            write_csv(data / "profiles.csv", ["role", "profile"], [*rows, rows[0], ["", CANARY]])
            write_csv(
                data / "skills_mapping.csv",
                ["role", "skills", "description"],
                [[role, "work", f"About {role}."] for role in TINY],
            )
            config = {"base_model": str(tiny_base)}
            folders.append(
                vocation.train(
                    data, work / "left" / f"models{half}", preset="head", config=config
                ).folder
            )
    return folders, work / "left"


def test_no_text_of_a_person_is_in_a_bundle_a_record_or_the_cache(
    halves: tuple[list[Path], Path],
) -> None:
    folders, left = halves
    assert {"models0", "models1", "runs", "cache"} <= {path.name for path in left.iterdir()}
    assert holding(left) == []
    assert holding(left.parent) == ["profiles.csv"] * 2, "the search itself works"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (left / "cache").rglob("*")} | {
        stat.S_IMODE((left / "cache").stat().st_mode)
    }
    assert modes == {0o600, 0o700}
    assert (folders[0] / layout.NGRAMS).read_bytes() != (folders[1] / layout.NGRAMS).read_bytes(), (
        "other rows were learnt"
    )


def test_the_careers_vectors_know_nothing_of_the_rows(halves: tuple[list[Path], Path]) -> None:
    one, two = ((folder / layout.EMBEDDINGS).read_bytes() for folder in halves[0])
    assert one == two


def test_a_seekers_text_is_in_no_message_and_no_file(
    halves: tuple[list[Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    text, own = f"I am {CANARY} and like bread", ["--bundle", str(halves[0][0])]
    source = write_csv(tmp_path / "in.csv", ["text", "label"], [[text, text]] * 3)
    (tmp_path / "in.jsonl").write_text(f'{{"text": "ok"}}\n"{text}"\n', "utf-8")
    ask = ["--text-column", "text"]
    out = tmp_path / "out.csv"
    assert cli.main(["score", str(tmp_path / "in.jsonl"), *ask, "--output", str(out), *own]) == 0
    out.unlink()
    assert cli.main(["evaluate", str(source), *ask, "--label-column", "label", *own]) == 1
    assert (
        cli.main(
            [
                "score",
                str(source),
                "--text-column",
                "words",
                "--output",
                str(tmp_path / "out.csv"),
                *own,
            ]
        )
        == 1
    )
    monkeypatch.setattr(
        "vocation.serving.network.Network.run",
        lambda self, *texts: (_ for _ in ()).throw(RuntimeError(CRASH)),
    )
    assert cli.main(["score", str(source), *ask, "--output", str(tmp_path / "out.csv"), *own]) == 3
    said = "".join(capsys.readouterr())
    assert "in.jsonl, line 2: expected a JSON object" in said
    assert "3 other values" not in said
    assert "1 other values" in said
    assert CRASH in said
    assert CANARY.lower() not in said.lower()
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "in.jsonl"]


def test_membership_inference_by_hand() -> None:
    """Pairs of (3, 2) with (1, 2): 3 > 1, 3 > 2, 2 > 1 and one tie make 3.5 of 4."""
    found = metrics.auc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    assert (found["value"], found["members"], found["others"]) == (0.875, 2, 2)
    assert found["low"] < 0.5 < 0.875 < found["high"], "two of each say next to nothing"
    labels = np.zeros(40, np.int64)
    sure, unsure = np.tile([0.9, 0.1], (40, 1)), np.tile([0.6, 0.4], (40, 1))
    found_out = privacy.measure(sure, labels, unsure, labels, "profiles")
    assert found_out is not None
    assert (
        found_out["true_career"]["value"],
        found_out["found"]["value"],
        privacy.warned(found_out),
    ) == (1.0, 1.0, True)
    assert "CAUTION: 70% or more" in "\n".join(privacy.lines(found_out))
    assert "people's own words" in "\n".join(privacy.lines(found_out))
    same = privacy.measure(sure, labels, sure, labels, "all")
    assert same is not None
    assert (same["true_career"]["value"], privacy.warned(same)) == (0.5, False), "all ties"
    assert privacy.measure(sure[:5], labels[:5], sure, labels, "all") is None
    assert "could not be measured" in next(privacy.lines(None))


def test_the_card_says_it(halves: tuple[list[Path], Path], bundle_folder: Path) -> None:
    """24 rows hold too few out; the bundle of 640 default rows is measured."""
    assert "could not be measured" in (halves[0][0] / layout.CARD).read_text("utf-8")
    found = vocation.Recommender.load(bundle_folder).metadata["metrics"]["membership"]
    text = (bundle_folder / layout.CARD).read_text("utf-8")
    assert f"{privacy.best(found)['value']:.0%} of pairs" in text
    assert any(
        "membership inference" in limit
        for limit in vocation.Recommender.load(bundle_folder).metadata["known_limits"]
    ) == privacy.warned(found)
    assert "membership inference by confidence" in "\n".join(
        card.headline(vocation.Recommender.load(bundle_folder).metadata["metrics"])
    )
