"""Documents that cannot rot: their code runs, their commands parse, their links lead somewhere,
their tables agree with the code.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vocation import Recommender, TrainConfig
from vocation.bundle import ensemble, layout
from vocation.cli import parser
from vocation.data.dataset import default_folder

ROOT = Path(__file__).parents[1]
REQUIRED = ("README.md", "CONTRIBUTING.md", "docs/README.md", "docs/commands.md")
"""Tests of a missing one fail; docs/README.md links to every other page."""

NOT_RUN = "<!-- not run -->"
CHECKED = "<!-- checked against a run -->"
SHELL = ("", "bash", "sh", "shell", "console", "cmd", "bat", "powershell")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its code, the number of its first line of code (1-based), and
    the line before its fence.
    """

    language: str
    code: str
    line: int
    before: str


def documents() -> list[str]:
    """The documents whose Python blocks run."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    return sorted({*REQUIRED, *(path.relative_to(ROOT).as_posix() for path in found)})


def every_document() -> list[str]:
    """All .md files of the repository: not those of environments, caches and trained bundles."""
    ignored = {"build", "dist", "node_modules"}
    found = []
    for folder, inside, files in os.walk(ROOT):
        inside[:] = [name for name in inside if not name.startswith(".") and name not in ignored]
        found += [
            Path(folder, name).relative_to(ROOT).as_posix()
            for name in files
            if name.endswith(".md") and name != layout.CARD
        ]
    return sorted({*REQUIRED, *found})


def read(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing"
    return path.read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    lines = text.splitlines()
    start, fence = None, ""
    for number, line in enumerate(lines):
        found = re.match(r"\s*(`{3,}|~{3,})\s*(\S*)", line)
        if start is None and found:
            start, fence = number, found.group(1)
            language = found.group(2)
            indent = len(line) - len(line.lstrip())
        elif start is not None and line.strip() == fence:
            before = next(
                (before.strip() for before in reversed(lines[:start]) if before.strip()), ""
            )
            yield Block(
                language,
                "\n".join(one[indent:] for one in lines[start + 1 : number]),
                start + 2,
                before,
            )
            start = None
    assert start is None, f"the block that begins in line {(start or 0) + 1} is not closed"


def prose(text: str) -> str:
    """The text without fenced blocks."""
    return re.sub(r"(?ms)^\s*(`{3,}|~{3,}).*?^\s*\1\s*$", "", text)


# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs the Python blocks of a document, once: its namespace. They find the shared bundle in
    `models/` of the working directory.
    """
    namespaces: dict[str, dict[str, Any]] = {}

    def run(name: str) -> dict[str, Any]:
        if name not in namespaces:
            folder = tmp_path_factory.mktemp("docs")
            shutil.copytree(bundle_folder, folder / "models")
            namespace: dict[str, Any] = {"__name__": "__main__"}
            before = Path.cwd()
            os.chdir(folder)
            try:
                for block in blocks(read(name)):
                    if block.language in ("python", "py") and block.before != NOT_RUN:
                        # blank lines before it, so that a traceback names the line of the document
                        exec(
                            compile("\n" * (block.line - 1) + block.code, str(ROOT / name), "exec"),
                            namespace,
                        )
            finally:
                os.chdir(before)
            namespaces[name] = namespace
        return namespaces[name]

    return run


GUIDE = "docs/getting-started.md"


@pytest.mark.parametrize("name", [name for name in documents() if name != GUIDE])
def test_python_blocks_run(name: str, ran: Any) -> None:
    ran(name)


def test_the_tutorial_runs_and_shows_real_output(
    ran: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its Python blocks run; lines that documents show as output are printed by its training run,
    apart from the numbers.
    """
    ran(GUIDE)

    def skeleton(line: str) -> str:
        return re.sub(r"\s+", " ", re.sub(r"\d[\d,.]*", "#", line)).strip()

    printed = {skeleton(line) for line in capsys.readouterr().out.splitlines()}
    shown = [(name, block) for name in documents() for block in blocks(read(name))]
    shown = [(name, block) for name, block in shown if block.before == CHECKED]
    assert shown
    for name, block in shown:
        lines = [line for line in block.code.splitlines() if line.strip() not in ("", "...")]
        strange = [line for line in lines if skeleton(line) not in printed]
        assert strange == [], f"{name}, line {block.line}: a run does not print these lines"


def test_the_recipe_of_the_bundle_format_gives_our_own_answer(
    ran: Any, bundle_folder: Path
) -> None:
    recipe = ran("docs/bundle-format.md")["probabilities"]
    texts = [
        "I sew costumes for our theatre.",
        "I keep goats and make cheese. " * 50,
    ]  # of one window, and of several
    ours = Recommender.load(bundle_folder).probabilities(texts)
    np.testing.assert_allclose([recipe(text.strip()) for text in texts], ours, atol=1e-5)


# --------------------------------------------------------------------------------------------------


def commands(code: str) -> Iterator[list[str]]:
    """The arguments of every `vocation ...` in a shell block: continued lines joined; pipes,
    redirections, prompts and comments understood.
    """
    for line in re.sub(r"\\\n", " ", code).splitlines():
        line = line.strip().removeprefix("$ ").replace("\\", "/")
        if "vocation" not in line:
            continue
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        words.whitespace_split = True
        words.commenters = "#"
        command: list[str] = []
        for word in [*words, ";"]:
            if set(word) <= set("|&;<>"):
                while command and re.fullmatch(
                    r"\w+=.*", command[0]
                ):  # VARIABLE=value vocation ...
                    command.pop(0)
                if command and re.sub(r"\.exe$", "", command[0].rsplit("/", 1)[-1]) == "vocation":
                    yield command[1:]
                command = []
                if set(word) <= set("<>"):
                    command = ["file:"]  # what follows is a file's name
            else:
                command.append(word)


def parses(arguments: list[str]) -> bool:
    """Placeholders in capitals stand for a value; for a number, too."""
    try:
        parser().parse_args(["1" if word in ("N", "PORT") else word for word in arguments])
    except SystemExit as done:
        return done.code in (0, None)
    return True


@pytest.mark.parametrize("name", [name for name in every_document() if name != "docs/commands.md"])
def test_commands_parse(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = read(name)
    found = [
        (block.line, arguments)
        for block in blocks(text)
        if block.language in SHELL
        for arguments in commands(block.code)
    ]
    for line, arguments in found:
        assert parses(arguments), (
            f"{name}, block in line {line}: vocation"
            f" {shlex.join(arguments)}\n{capsys.readouterr().err}"
        )
    known = next(action for action in parser()._actions if isinstance(action.choices, dict)).choices
    for span in re.findall(r"`vocation ([^`\s]+)", prose(text)):
        assert span in known or span in ("--version", "--help", "...", "COMMAND"), (
            f"{name}: there is no command `vocation {span}`"
        )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "$ vocation train my-data --top 3   # it's a comment",
            [["train", "my-data", "--top", "3"]],
        ),
        (
            "cat a | .venv/bin/vocation recommend > out.txt && vocation check",
            [["recommend"], ["check"]],
        ),
        ("A=1 vocation \\\n  train", [["train"]]),
        (r".venv\Scripts\vocation train", [["train"]]),
        ('vocation recommend "it\'s | here"', [["recommend", "it's | here"]]),
        ("pip install vocation", []),
    ],
)
def test_commands_are_found(line: str, expected: list[list[str]]) -> None:
    assert list(commands(line)) == expected


def test_the_command_reference_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "COLUMNS", "110"
    )  # the script sets both when it is imported; so they are put back afterwards
    monkeypatch.setenv("NO_COLOR", "1")
    path = ROOT / "scripts" / "command_reference.py"
    spec = importlib.util.spec_from_file_location("command_reference", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert read("docs/commands.md") == script.reference(), (
        "docs/commands.md is stale: run  make docs"
    )


# --------------------------------------------------------------------------------------------------


def slugs(text: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    found: dict[str, int] = {}
    for title in re.findall(r"(?m)^#{1,6}\s+(.*?)\s*#*$", prose(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {
        slug if i == 0 else f"{slug}-{i}" for slug, count in found.items() for i in range(count + 1)
    }


@pytest.mark.parametrize("name", every_document())
def test_links_lead_somewhere(name: str) -> None:
    text = re.sub(r"`[^`\n]*`", "", prose(read(name)))
    targets = re.findall(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)", text) + re.findall(
        r"(?m)^\[[^\]]+\]:\s*<?([^\s>]+)", text
    )
    targets += re.findall(r"""(?:src|href)=["']([^"']+)["']""", text)
    for target in targets:
        if re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
            continue
        place, _, anchor = target.partition("#")
        path = (ROOT / name).parent / place if place else ROOT / name
        assert path.exists(), f"{name} links to {target}, which is not there"
        if anchor and path.suffix == ".md":
            assert anchor in slugs(path.read_text(encoding="utf-8")), (
                f"{name} links to {target}: {path.name} has no such heading"
            )


TOPICS = """overview
CSV format: questions and answers, skills, job descriptions, books, profiles
how many rows, careers and kinds of file
where to get data
good and bad rows
Colab: open, GPU, upload
merging and the data report
default configuration and when to change it
run the training
training time
good signs, warning signs, early stopping
download the model
files of the model
copy the files
verify
test in the app
publish the app
learning rate, hidden dimension, dropout, batch size
automatic tuning
larger and multilingual base models
augmentation
imbalanced data
low validation accuracy
overfitting
out of memory
slow training
training does not converge
training strategy
keep a record of versions
production checklist
transfer learning
multi-task learning: skills and pay
ensembles
support
next steps"""
"""What a newcomer looks for, from the first file to the published page, in that order."""


def test_every_topic_leads_to_a_section() -> None:
    """That the link leads somewhere is tested above."""
    places = dict(table("docs/README.md", "| topic | where |"))
    assert list(places) == TOPICS.splitlines()
    for topic, place in places.items():
        assert re.fullmatch(r"\[[^\]]+\]\([\w-]+\.md(#[\w-]+)?\)", place), topic


def test_every_page_is_listed() -> None:
    index = read("docs/README.md")
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"]
    assert [page for page in pages if f"]({page})" not in index] == []


# --------------------------------------------------------------------------------------------------


def table(name: str, header: str) -> list[list[str]]:
    """The cells of the rows of the table whose header row begins with `header`."""
    lines = read(name).splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith(header)), None)
    assert start is not None, f"{name} has no table that begins with {header!r}"
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_table_of_settings_is_that_of_the_code() -> None:
    shown = {
        row[0].strip("`"): row[1].strip("`")
        for row in table("docs/settings.md", "| setting | default |")
    }
    assert shown == {
        field.name: str(getattr(TrainConfig(), field.name)) for field in fields(TrainConfig)
    }


def test_the_tables_of_files_are_those_of_the_code() -> None:
    everything = {*layout.WRITTEN, *layout.OPTIONAL, layout.MANIFEST, layout.ZIP}
    assert {
        row[0].strip("`") for row in table("docs/bundle-format.md", "| file | for whom |")
    } == everything
    listed = {
        name
        for row in table("docs/deployment.md", "| file | for |")
        for name in re.findall(r"`([\w.]+)`", row[0])
    }
    assert listed | {layout.ZIP} == everything
    limits = {
        row[0].strip("`"): int(row[1].removesuffix(" MB")) * layout.MB
        for row in table("docs/bundle-format.md", "| file | largest")
    }
    assert limits == {
        **layout.SERVING,
        **layout.OPTIONAL,
        **dict.fromkeys((layout.MANIFEST, ensemble.LIST), layout.MANIFEST_LIMIT),
    }


def test_the_default_data_are_described_as_they_are() -> None:
    rows = {}
    for path in default_folder().iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            rows[path.name] = len(list(csv.DictReader(file)))
    shown = table("docs/data-format.md", "| file | rows |")
    assert {row[0].strip("`"): int(row[1].replace(",", "")) for row in shown} == rows
    careers = rows.pop("careers.csv")
    assert f"\n{sum(rows.values()):,} rows about {careers} careers" in read("docs/data-format.md")


def test_the_record_is_described_completely(bundle_folder: Path) -> None:
    metadata = json.loads((bundle_folder / layout.METADATA).read_bytes())
    described = {
        key
        for row in table("docs/deployment.md", "| key | content |")
        for key in re.findall(r"`(\w+)`", row[0])
    }
    assert described == set(metadata)
    keys = {
        key
        for row in table("docs/bundle-format.md", "| key | meaning |")
        for key in re.findall(r"`([\w.]+)`", row[0])
    }
    calibration = metadata["calibration"]
    assert keys == {f"weights.{name}" for name in calibration["weights"]} | (
        set(calibration) - {"weights"}
    )
