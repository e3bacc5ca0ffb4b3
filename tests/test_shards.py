"""Scoring into a folder: what is there is whole, what is missing is done by the next run, and the
rows are those of a single file. Batches of columns.
"""

from __future__ import annotations

import csv
import json
import pickle
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import score_kills
from helpers import Lines

from vocation import Recommender
from vocation.data import encoding, on_disk, parquet
from vocation.data.encoding import lines_of
from vocation.data.on_disk import FileBytes
from vocation.errors import BundleError, DataError, VocationError
from vocation.serving import shards
from vocation.serving.batch import score
from vocation.serving.decisions import Decision, Named
from vocation.serving.inputs import read
from vocation.serving.scorer import Scorer
from vocation.serving.shards import score_folder

ROWS = [
    [f"{i:03}", f'I like "cooking",\nfor {i} people', "Rome" if i % 2 else ""] for i in range(23)
]


class Echo:
    """Answers every text with the text as the career; `asked` are the texts so far."""

    classes = ("Chef",)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def decide(self, texts: list[str], top_k: int) -> list[Decision]:
        if "boom" in texts:
            raise KeyError("boom is a secret")
        self.asked += texts
        return [Decision("match", careers=(Named(text, 0.5),)) for text in texts]


class Stub(Scorer):
    """A scorer without a bundle on the disk."""

    fingerprint = "0" * 64  # type: ignore[assignment]

    def __init__(self, column: str = "about", **more: Any) -> None:
        self.echo = Echo()
        super().__init__(self.echo, column, **more)  # type: ignore[arg-type]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "about", "city"], *ROWS])
    return path


def fill(table: Path, output: Path, scorer: Stub | None = None, **more: Any) -> list[str]:
    """Score into a folder of files of five rows; return the texts that were asked."""
    scorer = scorer or Stub()
    score_folder(table, output, scorer, **{"rows_per_file": 5, **more})
    return scorer.echo.asked


def parts(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(output.glob("[!_]*"))}


def test_the_files_together_are_the_single_file(table: Path, tmp_path: Path) -> None:
    score(table, tmp_path / "one.csv", "about", Echo())  # type: ignore[arg-type]
    score(table, tmp_path / "one.jsonl", "about", Echo())  # type: ignore[arg-type]
    fill(table, tmp_path / "csv")
    fill(table, tmp_path / "jsonl", form="jsonl")
    header, *_ = (tmp_path / "one.csv").read_bytes().splitlines(keepends=True)
    found = parts(tmp_path / "csv").values()
    assert all(content.startswith(header) for content in found)
    joined = header + b"".join(content.removeprefix(header) for content in found)
    assert joined == (tmp_path / "one.csv").read_bytes()
    lines = b"".join(parts(tmp_path / "jsonl").values())
    assert lines == (tmp_path / "one.jsonl").read_bytes()
    done = json.loads((tmp_path / "csv" / "_SUCCESS").read_text())
    assert done == {"rows": 23, "files": 5}


def test_parquet_files_have_the_same_types(tmp_path: Path) -> None:
    """Also where the first rows say nothing of a column, or something else than the last."""
    dataset = pytest.importorskip("pyarrow.dataset")
    values = [{"about": f"I cook {i}", "n": i, "x": 1, "mixed": 1, "none": None} for i in range(12)]
    values[11] |= {"x": 2.5, "mixed": "two", "late": "here"}
    source = tmp_path / "people.jsonl"
    source.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    fill(source, tmp_path / "out", form="parquet")
    found = dataset.dataset(tmp_path / "out", format="parquet").to_table()
    kinds = dict(zip(found.column_names, map(str, found.schema.types), strict=True))
    assert [kinds[name] for name in ("n", "x", "mixed", "none", "late", "confidence_1")] == [
        *("int64", "double", "string", "string", "string", "double")
    ]
    rows = found.to_pylist()
    assert [row["n"] for row in rows] == list(range(12))
    assert (rows[0]["mixed"], rows[11]["mixed"], rows[11]["x"]) == ("1", "two", 2.5)


def test_parquet_on_the_disk_is_read_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pandas = pytest.importorskip("pandas")
    source = tmp_path / "people.parquet"
    frame = {"about": ["I cook", None, "I weld", "I cook", "I sing"], "n": [1, 2, None, 4, 5]}
    pandas.DataFrame(frame).to_parquet(source, row_group_size=4)
    whole = [row.cells for row in read(source, ["about"])]
    monkeypatch.setattr(parquet, "_SMALL", 0)
    monkeypatch.setattr(parquet, "_ROWS", 3)
    assert [row.cells for row in read(source, ["about"])] == whole
    assert len(whole) == 5


def test_shards_share_the_work_in_any_order(table: Path, tmp_path: Path) -> None:
    fill(table, tmp_path / "one")
    asked = []
    for shard in (3, 1, 2):
        assert not (tmp_path / "many" / "_SUCCESS").exists()
        asked += fill(table, tmp_path / "many", shard=(shard, 3))
    assert sorted(asked) == sorted(row[1] for row in ROWS)
    assert parts(tmp_path / "many") == parts(tmp_path / "one")
    assert (tmp_path / "many" / "_SUCCESS").exists()


def test_what_is_left_is_counted_from_what_is_answered(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "_SAY_EVERY", 0)
    said = Lines()
    # Of 23 rows shard 1 of 2 has files 1, 3 and 5; its reader is ahead of its answers.
    fill(table, tmp_path / "out", Stub(workers=2), shard=(1, 2), progress=said)
    left = [line.split("about ")[1].split(" rows")[0] for line in said.lines]
    assert left == ["10", "5", "0"]


def test_only_what_is_missing_is_done_again(table: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    fill(table, output)
    whole = parts(output)
    (output / "part-000002.csv").unlink()
    (output / ".part-000002.csv-x.part").write_text("left over by a kill")
    assert fill(table, output) == [row[1] for row in ROWS[5:10]]
    assert parts(output) == whole
    assert not list(output.glob(".*"))
    assert fill(table, output) == []


def test_a_table_without_rows_has_one_file_with_the_names(table: Path, tmp_path: Path) -> None:
    table.write_text("id,about\n", encoding="utf-8")
    fill(table, tmp_path / "out", shard=(2, 2))
    assert parts(tmp_path / "out") == {}
    fill(table, tmp_path / "out", shard=(1, 2))
    assert list(parts(tmp_path / "out").values()) == [
        b"id,about,decision,career_1,confidence_1,reason_code,directions\n"
    ]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"rows_per_file": 6}, "--rows-per-file"),
        ({"form": "jsonl"}, "--format"),
        ({"excel": True}, "options"),
        ({"scorer": Stub("city")}, "text column"),
        ({"scorer": type("Other", (Stub,), {"fingerprint": "1" * 64})()}, "another bundle"),
        ({"row": "024,I weld,Rome\n"}, "input"),
    ],
)
def test_another_run_is_refused(
    table: Path, tmp_path: Path, change: dict[str, Any], found: str
) -> None:
    output = tmp_path / "out"
    fill(table, output, shard=(1, 2))
    before = parts(output)
    if row := change.pop("row", None):
        with table.open("a", encoding="utf-8") as file:
            file.write(row)
    with pytest.raises(DataError, match=f"begun with .*{found}.* name another folder"):
        fill(table, output, **{"shard": (1, 2), **change})
    assert parts(output) == before


def test_a_folder_with_other_files_is_refused(table: Path, tmp_path: Path) -> None:
    for output in (tmp_path, table):
        with pytest.raises(DataError, match=r"other files|no folder"):
            fill(table, output)
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


def test_a_full_disk_costs_one_file(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int, left: list[int] = [4]) -> None:  # noqa: B006  the manifest, three files
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(
        DataError, match=r"part-000004\.csv .*No space left.*run the same command again"
    ):
        fill(table, tmp_path / "out")
    assert list(parts(tmp_path / "out")) == [f"part-00000{i}.csv" for i in (1, 2, 3)]
    monkeypatch.undo()
    assert fill(table, tmp_path / "out") == [row[1] for row in ROWS[15:]]


def test_an_input_that_changes_meanwhile_is_noticed(table: Path, tmp_path: Path) -> None:
    scorer = Stub()
    decide = scorer.echo.decide

    def changing(texts: list[str], top_k: int) -> list[Decision]:
        with table.open("a", encoding="utf-8") as file:
            file.write("024,I weld,Rome\n")
        return decide(texts, top_k)

    scorer.echo.decide = changing  # type: ignore[method-assign]
    with pytest.raises(DataError, match=r"people\.csv was changed while it was read"):
        fill(table, tmp_path / "out", scorer)
    assert not (tmp_path / "out" / "_SUCCESS").exists()


def test_two_runs_on_one_file_do_no_harm(table: Path, tmp_path: Path) -> None:
    """The second ends within the first, and takes away what the first is about to rename."""
    scorer = Stub()
    decide = scorer.echo.decide

    def meanwhile(texts: list[str], top_k: int) -> list[Decision]:
        if not (tmp_path / "out" / "_SUCCESS").exists():
            fill(table, tmp_path / "out")
        return decide(texts, top_k)

    scorer.echo.decide = meanwhile  # type: ignore[method-assign]
    fill(table, tmp_path / "out", scorer)
    fill(table, tmp_path / "one")
    assert parts(tmp_path / "out") == parts(tmp_path / "one")


def test_two_runs_that_end_at_once_do_no_harm(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second marks the folder as complete, and takes away the mark that the first writes."""
    write, others = shards.atomic_write, [1]

    def meanwhile(path: Path, content: str, **more: Any) -> Path:
        if path.name == "_SUCCESS" and others:
            others.pop()
            fill(table, tmp_path / "out")
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return write(path, content, **more)

    monkeypatch.setattr(shards, "atomic_write", meanwhile)
    fill(table, tmp_path / "out")
    assert not others
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_a_few_kills(bundle_folder: Path, tmp_path: Path) -> None:
    assert score_kills.campaign(bundle_folder, 3, 48, 1, tmp_path)["kills"] >= 3


# --- batches of columns ---------------------------------------------------------------------------


def sent(scorer: Scorer) -> Scorer:
    """The scorer as another process gets it."""
    return pickle.loads(pickle.dumps(scorer))  # type: ignore[no-any-return]  # noqa: S301


def test_columns_in_and_out(bundle_folder: Path) -> None:
    scorer = sent(Scorer(bundle_folder, "about", top_k=2))
    batch = {
        "id": np.arange(4),
        "about": np.array(["I love to bake bread", None, "", b"hello"], object),
    }
    found = scorer(batch)
    assert list(found) == ["id", "about", *scorer.columns]
    assert found["id"] is batch["id"]
    answers = Recommender.load(bundle_folder).recommend(
        ["I love to bake bread", "", "", "hello"], 2
    )
    assert found["decision"] == [answer.decision for answer in answers]
    assert found["career_2"] == [
        answer.careers[1].career if answer.careers else None for answer in answers
    ]
    assert scorer({"about": []}) == {name: [] for name in ["about", *scorer.columns]}


def test_a_row_that_fails_costs_itself() -> None:
    found = Stub()({"about": ["I cook", "boom", "I bake"]})
    assert found["decision"] == ["match", "error", "match"]
    assert found["career_1"] == ["I cook", None, "I bake"]
    assert found["reason_code"] == [None, "failed", None]


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left"), BundleError("x")])
def test_what_the_machine_lacks_is_no_fault_of_a_row(error: Exception) -> None:
    scorer = Stub()

    def fail(texts: list[str], top_k: int) -> list[Decision]:
        raise error

    scorer.echo.decide = fail  # type: ignore[method-assign]
    with pytest.raises(type(error)):
        scorer({"about": ["I cook"]})


def test_columns_that_cannot_be_are_named() -> None:
    with pytest.raises(DataError, match=r"no column 'about'; found 'text'"):
        Stub()({"text": ["I cook"]})
    with pytest.raises(DataError, match=r"already is a column 'decision'"):
        Stub()({"about": ["I cook"], "decision": ["mine"]})


def test_another_bundle_is_not_mixed_in(bundle_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "models"
    copy.mkdir()
    for path in bundle_folder.iterdir():
        if path.suffix not in (".zip", ".pth"):
            shutil.copy(path, copy)
    scorer = Scorer(copy, "about")
    assert len(scorer.fingerprint) == 64
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest, indent=7))
    with pytest.raises(BundleError, match="another bundle than at the beginning"):
        sent(scorer)({"about": ["I cook"]})


def test_careers_that_are_unknown_are_refused_at_once(bundle_folder: Path) -> None:
    with pytest.raises(DataError, match="Nosuch"):
        Scorer(bundle_folder, "about", only=["Nosuch"])({"about": ["I cook"]})


# --- files on the disk ----------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 3, 7])
def test_lines_on_the_disk_are_those_in_memory(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "_BLOCK", block)
    monkeypatch.setattr(encoding, "_BLOCK", max(block, 4))  # a letter may have four bytes
    rng, path = random.Random(block), tmp_path / "people.csv"
    pieces = [*"\n\ra,;", "\r\n", "é", "😀", "\u2028"]
    odd = [b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\xe9", b"\x01", b"a\0b\0c\0d\0e\0"]
    for number in range(300):
        text = "".join(rng.choices(pieces, k=rng.randrange(0, 30))).encode()
        at = rng.randrange(0, len(text) + 1)
        if number % 2:
            text = rng.choice([text[:at], b""]) + rng.choice(odd) + text[at:]
        path.write_bytes(text)
        found: list[Any] = []
        for data in (text, FileBytes(path)):
            try:
                lines, hints = lines_of(data, path.name)
                found.append((list(lines), hints, lines[::-1]))
            except VocationError as error:
                found.append(str(error))
        assert found[0] == found[1], text


def test_a_utf8_table_is_never_in_memory_as_a_whole(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[Path] = []
    read_all = FileBytes.all
    monkeypatch.setattr(FileBytes, "all", lambda self: whole.append(self.path) or read_all(self))
    fill(table, tmp_path / "utf8")
    assert whole == []
    table.write_bytes(table.read_bytes().replace(b"Rome", b"Z\xfcrich"))
    fill(table, tmp_path / "old")
    assert whole == [table]
