"""A sample of fuzz/hostile_texts.py and fuzz/script_payloads.py: hostile texts get an
answer or `unsure`, and steer nothing.
"""

from __future__ import annotations

import io
import json
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from helpers import edited
from hostile import KINDS, texts

import vocation
from vocation import Recommender, cli
from vocation.bundle import layout
from vocation.text.clean import STEERING, clean, printable

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\r\x08\u202eevil\u2066\ud800"
TURNS = "\u202eevil\u2066"


def run(*arguments: str) -> int:
    """The command line in this process: arguments of another one cannot hold half surrogates."""
    return cli.main(arguments)


@pytest.fixture(scope="module")
def bundle_folder(
    tiny_data: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Four careers on a tiny encoder: what it answers does not matter here."""
    return vocation.train(
        tiny_data,
        tmp_path_factory.mktemp("hostile") / "models",
        preset="head",
        config={"base_model": str(tiny_base)},
    ).folder


def test_cleaning_takes_linear_time_and_is_done_once() -> None:
    """Sorting 200,000 marks of two classes takes normalisation 25 s, the square of their number."""
    start = time.perf_counter()
    assert clean("a" + "\u0301\u0316" * 100_000) == clean("a" + "\u0301\u0316" * 15), (
        "30 marks stay"
    )
    assert time.perf_counter() - start < 2
    for kind, text in texts(1, len(KINDS)):
        once = clean(text)
        assert clean(once) == once == unicodedata.normalize("NFC", once), kind
        assert not STEERING.search(once), kind


def test_a_terminal_is_shown_lines_and_never_steered() -> None:
    assert printable("two\nlines \u00e9 \U0001f600") == "two\nlines \u00e9 \U0001f600"
    assert (
        printable(ESCAPES)
        == "\ufffd[2J\ufffd]0;title\ufffd\ufffd31m\ufffd\ufffd\ufffdevil\ufffd\ufffd"
    )


def test_every_kind_of_text_is_answered_alone_and_among_others(
    bundle_folder: Path, tmp_path: Path
) -> None:
    recommender = Recommender.load(bundle_folder)
    pairs = [(kind, text[:2_000]) for kind, text in texts(0, len(KINDS))]
    for (kind, _), answer in zip(
        pairs, recommender.recommend([text for _, text in pairs], top_k=2), strict=True
    ):
        assert answer.decision == "unsure" or answer.careers, kind
    source, output = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for _, text in pairs), "utf-8")
    for output in (tmp_path / "out.csv", tmp_path / "out.jsonl", tmp_path / "out.parquet"):
        assert (
            run(
                "score",
                str(source),
                "--text-column",
                "text",
                "--output",
                str(output),
                "--bundle",
                str(bundle_folder),
            )
            == 0
        )
    found = [
        json.loads(line)["text"]
        for line in (tmp_path / "out.jsonl").read_text("utf-8").split("\n")
        if line
    ]  # valid UTF-8 and JSON
    assert found == [json.loads(json.dumps(text)) for _, text in pairs]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "in.jsonl",
        "out.csv",
        "out.jsonl",
        "out.parquet",
    ]


def test_bytes_that_are_no_text_on_standard_input(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys,
        "stdin",
        io.TextIOWrapper(
            io.BytesIO(b"I like \xff\xfe baking bread\n\xed\xa0\x80 \x1b[31m\n"), "utf-8"
        ),
    )
    assert run("recommend", "--bundle", str(bundle_folder), "--json") == 0
    out = capsys.readouterr().out
    assert [one["decision"] in ("match", "unsure") for one in json.loads(out)] == [True, True]


def test_a_hostile_bundle_cannot_steer_the_terminal(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control codes in its texts are refused; direction marks are gone when it is loaded, in a name
    they make it another career.
    """
    careers = json.loads((bundle_folder / layout.PROFILES).read_text("utf-8"))
    for career in careers:
        career |= {
            "description": TURNS + career["description"],
            "skills": [TURNS + skill for skill in career["skills"]],
        }
        career["questions"] = [{"question": f"{TURNS}?", "answer": TURNS}]
        career["books"] = [
            {"title": TURNS + "Book", "author": TURNS, "description": TURNS, "level": TURNS}
        ]
    metadata = json.loads((bundle_folder / layout.METADATA).read_text("utf-8")) | {
        "languages": [f"Eng{TURNS}lish"]
    }
    folder = edited(
        bundle_folder, tmp_path / "edited", {layout.PROFILES: careers, layout.METADATA: metadata}
    )
    text = f"I bake bread {ESCAPES}, and I sell cakes"
    assert (
        run(
            "recommend",
            "--bundle",
            str(folder),
            "--explain",
            text,
            "Ich backe gerne Brot und mag die Leute im Ort",
        )
        == 0
    )
    out, error = capsys.readouterr()
    assert "learnt" in out
    assert not STEERING.search(out + error)
    assert run("recommend", "--bundle", str(folder), "--json", text) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["careers"]
    assert not STEERING.search(out)
    careers[0]["name"] = metadata["classes"][0] = f"A{TURNS}"
    folder = edited(
        bundle_folder, tmp_path / "renamed", {layout.PROFILES: careers, layout.METADATA: metadata}
    )
    assert run("recommend", "--bundle", str(folder), text) == 1
    assert "name different careers" in capsys.readouterr().err
    careers[0]["name"] = metadata["classes"][0] = f"A{ESCAPES}"
    folder = edited(
        bundle_folder, tmp_path / "codes", {layout.PROFILES: careers, layout.METADATA: metadata}
    )
    assert run("recommend", "--bundle", str(folder), text) == 1
    error = capsys.readouterr().err
    assert "control characters" in error
    assert not STEERING.search(error.rstrip("\n"))
