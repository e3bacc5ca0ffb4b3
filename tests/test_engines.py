"""Scoring with Ray: the files are those without it, nothing waits for ever, no text is left over."""

from __future__ import annotations

import csv
import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_shards import Stub

from vocation import engines
from vocation.cli import main
from vocation.engines import WORK, score_with_ray
from vocation.errors import BundleError, DataError, MissingExtra
from vocation.serving.scorer import Scorer
from vocation.serving.shards import score_folder

CANARY = "Quillfeather"
TEXTS = [
    f'My name is {CANARY}, I bake "bread",\nand I like people',
    "I repair engines and write software",
    "",
    "hello",
]
needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason='Ray is not installed: pip install "vocation[ray]"'
)
needs_parquet = pytest.mark.skipif(find_spec("pyarrow") is None, reason="pyarrow is not installed")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "about", "city"])
        for number in range(40):
            writer.writerow([f"{number:03}", TEXTS[number % len(TEXTS)], "Rome"])
        file.write("040,too,many,cells,here\n")
        writer.writerow(["041", "I cook", "Oslo"])
    return path


def content(folder: Path) -> dict[str, bytes]:
    """The files of a folder; what is in a folder of it must have been taken away."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- with Ray -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def session() -> Iterator[Path]:
    """Ray, started once as the command starts it; the folder of its logs and sockets."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setenv("RAY_TMPDIR", folder)  # the path of a socket has at most 107 characters
        patch.setenv("HOME", folder)  # Ray puts its token there
        with engines._running(None, 2, Path(folder) / "spilled"):
            yield Path(folder)


@needs_ray
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_files_are_those_without_ray(
    session: Path, bundle_folder: Path, table: Path, tmp_path: Path, form: str
) -> None:
    scorer = Scorer(bundle_folder, "about", top_k=2)
    score_folder(table, tmp_path / "local", scorer, form, rows_per_file=8)
    report = score_with_ray(table, tmp_path / "ray", scorer, form, rows_per_file=8)
    assert content(tmp_path / "ray") == content(tmp_path / "local")
    assert (report.rows, report.missing, report.tally.unread) == (42, 0, 1)


@needs_ray
def test_what_a_worker_cannot_do_is_one_sentence(
    session: Path, bundle_folder: Path, table: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "models"
    shutil.copytree(bundle_folder, bundle, ignore=shutil.ignore_patterns("*.zip", "*.pth"))
    scorer = Scorer(bundle, "about", top_k=2)
    assert scorer.columns  # loaded here, and then replaced
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=7))
    with pytest.raises(DataError, match=r"^\S+ is another bundle than at the beginning.*is kept"):
        score_with_ray(table, tmp_path / "out", scorer, rows_per_file=8)


@needs_ray
def test_no_text_is_in_what_ray_keeps(
    session: Path, bundle_folder: Path, table: Path, tmp_path: Path
) -> None:
    score_with_ray(table, tmp_path / "out", Scorer(bundle_folder, "about"))
    kept = [path for path in session.rglob("*") if path.is_file() and not path.is_symlink()]
    logs = {path: path.read_bytes() for path in kept}
    assert any(b"_Answers" in log for log in logs.values()), "nothing was logged: look elsewhere"
    assert [str(path) for path, log in logs.items() if CANARY.encode() in log] == []


@needs_ray
def test_ray_runs_for_this_machine_alone(session: Path) -> None:
    psutil = pytest.importorskip("psutil")
    own = [psutil.Process(), *psutil.Process().children(recursive=True)]
    heard = [
        (process.name(), one.laddr.ip.removeprefix("::ffff:"))
        for process in own
        for one in process.net_connections()
        if one.status == "LISTEN"
    ]
    assert any("raylet" in name for name, _ in heard)
    assert {address for _, address in heard} == {"127.0.0.1"}, heard
    assert not importlib.import_module("ray._private.worker").get_dashboard_url()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert (session / ".ray" / "auth_token").is_file()  # Ray's default is left as it is


# --- without --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "cpus", "workers"), [(None, 8, 6), (3, 8, 3), (None, 3, 1)])
def test_cpus_are_left_to_ray(asked: int | None, cpus: int, workers: int) -> None:
    assert engines._workers(asked, cpus) == workers


@pytest.mark.parametrize(
    ("asked", "cpus", "found"),
    [(2, 2, "three or more"), (7, 8, "at most --workers 6"), (None, 2, "three or more")],
)
def test_workers_on_all_cpus_would_wait_for_ever(asked: int | None, cpus: int, found: str) -> None:
    with pytest.raises(DataError, match=f"has {cpus}: .*{found}"):
        engines._workers(asked, cpus)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """In place of Ray: answer what is staged, in one process; the texts that were asked."""
    asked: list[list[str]] = []

    def answer(self: engines._Ray, scorer: Stub, workers: int) -> None:
        import pyarrow
        from pyarrow import parquet

        self._answers.mkdir()
        for path in self._texts.iterdir():
            batch = parquet.read_table(path).to_pydict()
            asked.extend(map(json.loads, batch["texts"]))
            found = engines._Answers(scorer)(batch)
            parquet.write_table(pyarrow.table(found), self._answers / path.name)

    monkeypatch.setattr(engines._Ray, "_answer", answer)
    monkeypatch.setattr(engines, "find_spec", lambda name: name)
    monkeypatch.setattr(engines, "_running", lambda *_: nullcontext(1))
    return asked


@needs_parquet
def test_files_that_are_there_are_not_answered_again(
    table: Path, tmp_path: Path, answered: list[list[str]]
) -> None:
    output = tmp_path / "out"
    score_folder(table, output, Stub(), rows_per_file=8)
    whole = content(output)
    (output / "part-000002.csv").unlink()
    score_with_ray(table, output, Stub(), rows_per_file=8)
    assert answered == [[TEXTS[i % 4] for i in range(8, 16)]]
    assert content(output) == whole


@needs_parquet
def test_a_stopped_run_goes_on_with_the_answers_that_are_there(
    table: Path, tmp_path: Path, answered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(engines._Ray, "_places", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            score_with_ray(table, output, Stub(), rows_per_file=8)
    assert len(answered) == 6
    assert (output / WORK).stat().st_mode & 0o077 == 0
    with pytest.raises(DataError, match="another text column"):
        score_with_ray(table, output, Stub("city"), rows_per_file=8)
    score_with_ray(table, output, Stub(), rows_per_file=8)
    assert len(answered) == 6
    score_folder(table, tmp_path / "local", Stub(), rows_per_file=8)
    assert content(output) == content(tmp_path / "local")


@needs_parquet
def test_answers_that_are_lost_are_noticed(
    table: Path, tmp_path: Path, answered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines._Ray, "_places", lambda self: {})
    with pytest.raises(DataError, match=r"out/\.ray lacks answers: remove it"):
        score_with_ray(table, tmp_path / "out", Stub(), rows_per_file=8)
    assert not (tmp_path / "out" / "_SUCCESS").exists()


def test_what_a_worker_raised_is_not_repeated() -> None:
    assert CANARY not in str(engines._sentence(KeyError(CANARY)))
    assert str(engines._sentence(BundleError("x is damaged"))).startswith("x is damaged;")


def test_ray_that_is_not_installed(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'"ray" extra'):
        score_with_ray(table, table.parent / "out", Stub())


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["--output", "o", "--engine", "ray", "--shard", "1/2"], "--shard does not go with"),
        (["--output", "o", "--address", "auto"], "--address does not go with --engine local"),
        (["--output", "o.csv", "--engine", "ray"], "--engine belongs to an output folder"),
    ],
)
def test_options_that_do_not_fit(
    table: Path, capsys: pytest.CaptureFixture[str], given: list[str], found: str
) -> None:
    assert main(["score", str(table), "--text-column", "about", *given]) == 1
    assert found in capsys.readouterr().err


def test_each_worker_has_one_thread(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[Scorer, Any]] = []

    def score(scorer: Scorer, **more: Any) -> None:
        called.append((scorer, more))
        raise DataError("enough")

    monkeypatch.setattr(engines, "score_with_ray", score)
    line = ["score", "x.csv", "--text-column", "about", "--output", str(tmp_path / "out")]
    main([*line, "--engine", "ray", "--workers", "3", "--address", "auto"])
    ((scorer, more),) = called
    assert (scorer._threads, more["workers"], more["address"]) == (1, 3, "auto")
