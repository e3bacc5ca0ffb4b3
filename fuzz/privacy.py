"""Canaries: do texts of the training data or of a user turn up where they do not belong? And what
do a bundle's files reveal about the training data?

    python fuzz/privacy.py [--requests 1000] [--seed 0] [--only training|seekers|words|names]
    [--which TEXT]

training: unique words, names and addresses in first-person rows go through trainings on tiny data,
whole ones and such that end in the middle (Ctrl-C, kill -9, full disk, a gradient that is no
number, a wrong column). seekers: canaries in texts that are answered, scored from files, asked on
the page, and asked where things fail. Then every file left anywhere is searched, unpacked, in UTF-8
and UTF-16, and all that was printed. words: can the presence of a canary be tested from ngrams.npy?
names: are the careers' vectors the same for two disjoint training sets? Copy the table with the
command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
from conftest import TINY, write_csv
from tiny_bases import make, wordpiece

from vocation import metrics
from vocation.bundle import layout, reader
from vocation.text.ngrams import ngrams

_TABLES, _PLANTED = (
    10,
    5,
)  # tables of words for one figure, and words planted in each: more would resemble each other

_NAN = (
    "import torch; from vocation.training import callbacks; own = callbacks.HistoryCallback.on_pre_optimizer_step\ndef"
    " broken(self, args, state, control, model=None, **rest):\n    if state.global_step == 3:"
    " next(p for p in model.parameters() if p.requires_grad).grad.fill_(float('nan'))\n    return"
    " own(self, args, state, control, model=model, **rest)\ncallbacks.HistoryCallback.on_pre_optimizer_step ="
    " broken\n"
)
_CRASH = "from vocation.serving import network; network.Network.run = lambda self, texts: 1 / 0\n"


def canary(rng: random.Random) -> str:
    """A word that nobody else writes."""
    return "Qz" + "".join(rng.choices("abcdefghijklmnoprstuvwxy", k=12))


def found_in(folder: Path, words: list[str]) -> list[str]:
    """The files under `folder`, and the members of archives among them, that hold one of `words` in
    any case, in UTF-8 or UTF-16.
    """
    needles = [
        form for word in words for form in (word.lower().encode(), word.lower().encode("utf-16-le"))
    ]
    return [
        name
        for name, content in _contents(folder)
        if any(needle in content.lower() for needle in needles)
    ]


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    ):
        content = path.read_bytes()
        yield str(path), content
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from ((f"{path}:{name}", archive.read(name)) for name in archive.namelist())


def open_files(folder: Path) -> list[str]:
    """Files under `folder`, no bundle's and no record's, that others than their owner may read, no
    folder above them forbidding it.
    """
    closed = {
        path
        for path in (folder, *folder.rglob("*"))
        if path.is_dir() and not path.stat().st_mode & 0o077
    }
    files = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077)
    return [str(path) for path in files if not closed.intersection(path.parents)]


def run(
    work: Path,
    *arguments: str,
    before: str = "",
    given: str = "",
    stop: tuple[int, Path] | None = None,
) -> tuple[int, str]:
    """The command line in a process of its own, all its folders under `work`; its exit status and
    all it printed.

    `before` is code that runs first; with `stop` = (signal, path) the signal is sent as soon as
    `path` is there.
    """
    places = {
        "HOME": work / "home",
        "TMPDIR": work / "tmp",
        "VOCATION_CACHE": work / "home" / "cache",
    }
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-c",
        f"{before}\nimport sys; from vocation.cli import main; sys.exit(main(sys.argv[1:]))",
        *arguments,
    ]
    env = {**os.environ, **{name: str(place) for name, place in places.items()}}
    child = subprocess.Popen(
        command,
        cwd=work,
        env=env,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if stop:
        while child.poll() is None and not stop[1].exists():
            time.sleep(0.05)
        child.send_signal(stop[0])
    out, _ = child.communicate(given, timeout=600)
    return child.returncode, out


def data(work: Path, rng: random.Random) -> tuple[Path, list[str]]:
    """A data folder whose first-person rows hold a canary, a name and an address each; also in
    rows that are merged or dropped.
    """
    folder, words, rows = work / "data", [], []
    folder.mkdir(parents=True)
    for role, texts in TINY.items():
        for text in texts:
            words += [canary(rng), canary(rng)]
            rows.append([role, f"{text}, says {words[-2]} Meier, {words[-1]}@example.org"])
    rows += [rows[0], ["", f"{words[0]} without a career"], ["Baker", ""], ["B" * 300, words[1]]]
    write_csv(folder / "profiles.csv", ["role", "profile"], rows)
    write_csv(
        folder / "skills_mapping.csv",
        ["role", "skills", "description"],
        [[role, f"{role} skill", f"The work of a {role}."] for role in TINY],
    )
    return folder, words


def training(rng: random.Random, which: str) -> Iterator[tuple[str, int, list[str]]]:
    """(what, exit status, where a canary turned up) for each training that has `which` in its
    name.
    """
    full = {"num_epochs": 30, "min_steps": 300}
    tries = {
        "head, to the end": ("head", {}, "", None, 0),
        "full, to the end": ("full", {"num_epochs": 2, "min_steps": 0}, "", None, 0),
        "full, Ctrl-C": ("full", full, "", (signal.SIGINT, ".models-training/measure"), 0),
        "full, kill -9": ("full", full, "", (signal.SIGKILL, ".models-training/measure"), 0),
        "full, a number that is none": ("full", full, _NAN, None, 0),
        "full, full disk": ("full", full, "", None, 1),
        "wrong column": ("head", {}, "", None, 0),
    }
    for what, (preset, config, before, stop, disk) in (
        (what, how) for what, how in tries.items() if which in what
    ):
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            folder, words = data(work / "data", rng)
            base = make(work / "data" / "base", "bert", wordpiece)
            (work / "data" / "config.json").write_text(
                json.dumps({"base_model": str(base), **config}), "utf-8"
            )
            output = work / "out"
            output.mkdir()
            if disk:
                subprocess.run(
                    ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", output], check=True
                )
            arguments = [
                "train",
                str(folder),
                "--output",
                str(output / "models"),
                "--preset",
                preset,
                "--config",
                str(work / "data" / "config.json"),
            ]
            arguments += ["--columns", "profile=Text"] if what == "wrong column" else []
            try:
                status, said = run(
                    work,
                    *arguments,
                    before=before,
                    stop=(stop[0], output / stop[1]) if stop else None,
                )
                places = [
                    place
                    for part in ("out", "home", "tmp")
                    for place in found_in(work / part, words)
                ]
                places += ["what was printed"] * any(word.lower() in said.lower() for word in words)
                places += [
                    f"{path} is readable for others"
                    for path in open_files(work / "home") + open_files(output / ".models-training")
                ]
            finally:
                if disk:
                    subprocess.run(["umount", output], check=True)
        yield f"training: {what}", status, places


def seekers(rng: random.Random, requests: int) -> Iterator[tuple[str, int, list[str]]]:
    """(what, exit status, where a canary turned up besides the answer itself) for each way of
    asking.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        folder, _ = data(work / "data", rng)
        (work / "config.json").write_text(
            json.dumps({"base_model": str(make(work / "base", "bert", wordpiece))}), "utf-8"
        )
        run(
            work,
            "train",
            str(folder),
            "--output",
            str(work / "models"),
            "--preset",
            "head",
            "--config",
            str(work / "config.json"),
        )
        words = [canary(rng) for _ in range(requests)]
        texts = [
            f"I am {word}, write to {word}@example.org, I like bread and ovens" for word in words
        ]
        asked = work / "asked"
        asked.mkdir()
        write_csv(asked / "in.csv", ["text", "label"], [[text, text] for text in texts])
        (asked / "broken.jsonl").write_text(f'{{"text": "ok"}}\n"{texts[0]}"\n', "utf-8")
        (work / "bad").mkdir()
        shutil.copytree(work / "models", work / "torn", ignore=shutil.ignore_patterns(layout.ZIP))
        (work / "torn" / layout.NGRAMS).write_bytes(b"no table")
        source, out = str(asked / "in.csv"), str(work / "out.csv")
        ways = {
            "standard input": (["recommend", "--json", "--top", "1"], "", "\n".join(texts)),
            "score": (["score", source, "--text-column", "text", "--output", out], "", ""),
            "score, no such column": (
                ["score", source, "--text-column", "words", "--output", out],
                "",
                "",
            ),
            "score, a line that is no object": (
                ["score", str(asked / "broken.jsonl"), "--text-column", "text", "--output", out],
                "",
                "",
            ),
            "score, no such folder": (
                [
                    "score",
                    source,
                    "--text-column",
                    "text",
                    "--output",
                    str(work / "no" / "out.csv"),
                ],
                "",
                "",
            ),
            "evaluate, texts as labels": (
                ["evaluate", source, "--text-column", "text", "--label-column", "label"],
                "",
                "",
            ),
            "recommend, an exception inside": (["recommend", "--explain", *texts[:3]], _CRASH, ""),
            "score, an exception inside": (
                ["score", source, "--text-column", "text", "--output", out],
                _CRASH,
                "",
            ),
            "recommend, torn bundle": (
                ["recommend", *texts[:3], "--bundle", str(work / "torn")],
                "",
                "",
            ),
        }
        for what, (arguments, before, given) in ways.items():
            status, said = run(
                work,
                *arguments,
                *([] if "--bundle" in arguments else ["--bundle", str(work / "models")]),
                before=before,
                given=given,
            )
            places = ["what was printed"] * any(word.lower() in said.lower() for word in words)
            if what == "score":
                places += ["out.csv is readable for others"] * bool(
                    Path(out).stat().st_mode & 0o077
                )
                Path(out).unlink()
            places += [place for place in found_in(work, words) if not place.startswith(str(asked))]
            yield f"seekers: {what}", status, places


def words(rng: random.Random, rows_each: int) -> dict[str, float]:
    """AUC of telling words that one training row held from words that none did, from the table of
    words alone.

    The attacker takes the mean of how common the buckets of the word's n-grams are; `rows_each`
    ordinary rows a career stand beside it.
    """
    from vocation.training.ngrams import counts, fit_ngrams

    with open(
        Path(reader.__file__).parents[1] / "default_data" / "profiles.csv",
        encoding="utf-8",
        newline="",
    ) as file:
        table = [(row["role"], row["profile"]) for row in csv.DictReader(file)]
    of_role: dict[str, list[str]] = {}
    for role, text in table:
        of_role.setdefault(role, []).append(text)
    pairs = [
        (label, text) for label, texts in enumerate(of_role.values()) for text in texts[:rows_each]
    ]
    scores: tuple[list[float], list[float]] = [], []
    for _ in range(_TABLES):
        planted, rows = [canary(rng) for _ in range(_PLANTED)], list(pairs)
        for word, place in zip(planted, rng.sample(range(len(rows)), _PLANTED), strict=True):
            rows[place] = (rows[place][0], f"{rows[place][1]} {word}")
        found = counts([text for _, text in rows])
        labels = np.array([label for label, _ in rows])
        rarity = fit_ngrams(found, labels, len(of_role)).factors[:, 0].astype(float)
        for own, some in zip(scores, (planted, [canary(rng) for _ in planted]), strict=True):
            own += [-rarity[ngrams(word)[0]].mean() for word in some]
    return metrics.auc(*map(np.array, scores)) | {
        "rows": len(pairs),
        "used": float((rarity < rarity.max()).mean()),
    }


def names() -> bool:
    """Whether two trainings on disjoint first-person rows of the same careers leave the same bytes
    as the careers' vectors.
    """
    import vocation

    with tempfile.TemporaryDirectory() as name:
        work, found = Path(name), []
        base = make(work / "base", "bert", wordpiece)
        for half in (0, 1):
            folder = work / f"data{half}"
            folder.mkdir()
            rows = [[role, text] for role, texts in TINY.items() for text in texts[half::2]]
            write_csv(folder / "profiles.csv", ["role", "profile"], rows)
            write_csv(
                folder / "skills_mapping.csv",
                ["role", "skills", "description"],
                [[role, "work", f"About {role}."] for role in TINY],
            )
            trained = vocation.train(
                folder, work / f"models{half}", preset="head", config={"base_model": str(base)}
            ).folder
            found.append((trained / layout.EMBEDDINGS).read_bytes())
        return found[0] == found[1]


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--requests", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", choices=("training", "seekers", "words", "names"))
    options.add_argument(
        "--which", default="", help="of the trainings, those with this in their name"
    )
    args = options.parse_args()
    rng, bad = random.Random(args.seed), 0
    for part, results in (
        ("training", lambda: training(rng, args.which)),
        ("seekers", lambda: seekers(rng, args.requests)),
    ):
        if args.only in (None, part):
            for what, status, places in results():
                bad += bool(places)
                print(
                    f"| {what} | exit status {status} | {'; '.join(places) or 'nowhere'} |",
                    flush=True,
                )
    if args.only in (None, "names"):
        same = names()
        bad += not same
        print(
            "| career_embeddings.npy of two disjoint training sets |"
            f" {'equal bytes' if same else 'DIFFERENT'} |",
            flush=True,
        )
    if args.only in (None, "words"):
        for rows_each in (1, 5, 26):
            found = words(random.Random(args.seed), rows_each)
            share = f"{found['rows']} rows, {found['used']:.0%} of the table used"
            print(
                f"| a word of one row, told by the table of words | {share} | AUC"
                f" {found['value']:.2f} ({found['low']:.2f} to {found['high']:.2f}) |"
            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
