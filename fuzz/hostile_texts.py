"""Hostile texts through the command line, whole files and the page: an answer or `unsure`, in the
time of their length, shown as text only.

    python fuzz/hostile_texts.py [--bundle models] [--count 168] [--seed 0]

Every text goes through `vocation recommend` (standard input as JSON, one of each kind as an
argument on a terminal's page, with --explain), through `vocation score` (jsonl, csv and parquet),
and one of each kind through the page. A text that is read in w windows of the encoder may take
three times as long as an ordinary one of as many windows. Copy the table with the command and the
machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "streamlit_app"))

import pandas
from hostile import ordinary, texts

from vocation import Recommender
from vocation.text.clean import STEERING, clean

APP = Path(__file__).parents[1] / "streamlit_app" / "app.py"
DECISIONS = {"match", "unsure"}
MOST_TIMES = 3.0  # how many times an ordinary text's time a hostile one of as many windows may take
TERMINAL_LETTERS = 4_000  # explaining reads a text many times


def vocation(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    """Run the command line as somebody would; its exit status, standard output and standard
    error.
    """
    done = subprocess.run(
        [sys.executable, "-m", "vocation.cli", *arguments],
        input=given,
        capture_output=True,
        timeout=600,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def answered(found: Any) -> bool:
    """Whether `found` is an answer in the agreed shape."""
    return found["decision"] in DECISIONS and (found["reason_code"] is None) == (
        found["decision"] == "match"
    )


def by_stdin(bundle: str, pairs: list[tuple[str, str]]) -> dict[str, int]:
    """All texts as lines of standard input, half surrogates as the bytes that they came from."""
    lines = [" ".join(text.splitlines()) for _, text in pairs]
    lines = [line for line in lines if line.strip()]
    status, out, _ = vocation(
        "recommend",
        "--bundle",
        bundle,
        "--json",
        given="\n".join(lines).encode("utf-8", "surrogatepass"),
    )
    found = json.loads(out) if status == 0 else []
    return {
        "texts": len(lines),
        "good": (
            sum(map(answered, found))
            if len(found) == len(lines) and not STEERING.search(out)
            else 0
        ),
    }


def by_argument(bundle: str, pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Each kind once as arguments, printed for people: nothing that steers the terminal in it, and
    no traceback.
    """
    texts_ = [
        text.replace("\0", "")
        .encode("utf-8", "surrogatepass")
        .decode("utf-8", "surrogateescape")[:TERMINAL_LETTERS]
        for _, text in pairs
    ]
    good = 0
    for start in range(0, len(texts_), 8):
        some = texts_[start : start + 8]
        status, out, error = vocation(
            "recommend", "--bundle", bundle, "--top", "2", "--explain", "--", *some
        )
        good += (
            len(some)
            if status == 0
            and not error
            and not STEERING.search(out)
            and out.count("> ") >= len(some)
            else 0
        )
    return {"texts": len(texts_), "good": good}


def by_file(bundle: str, pairs: list[tuple[str, str]], suffix: str) -> dict[str, int]:
    """All texts as rows of a jsonl file, scored into a file of another kind: every row there, its
    text as it was, an answer beside it.
    """
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "in.jsonl", Path(name) / f"out{suffix}"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for _, text in pairs), "utf-8")
        status, _, _ = vocation(
            "score",
            str(source),
            "--text-column",
            "text",
            "--output",
            str(output),
            "--bundle",
            bundle,
            "--top",
            "2",
        )
        if status:
            return {"texts": len(pairs), "good": 0}
        rows = _read(output)
        left = [path.name for path in Path(name).iterdir() if path not in (source, output)]
    kept = [row["text"] for row in rows]
    pairs = [
        (kind, json.loads(json.dumps(text))) for kind, text in pairs
    ]  # halves that meet in a file of JSON are one character
    wanted = [
        (
            text
            if suffix == ".jsonl"
            else "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
        )
        for _, text in pairs
    ]
    good = sum(
        row["decision"] in DECISIONS and one == two
        for row, one, two in zip(rows, kept, wanted, strict=True)
    )
    return {"texts": len(pairs), "good": 0 if left else good}


def _read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    if path.suffix == ".parquet":
        found: list[dict[str, Any]] = pandas.read_parquet(path).to_dict("records")
        return found
    csv.field_size_limit(2**31 - 1)
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_page(bundle: str, pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Each kind once in the page's form: an answer or a question, and no exception."""
    from streamlit.testing.v1 import AppTest

    os.environ["VOCATION_BUNDLE"] = bundle
    page = AppTest.from_file(str(APP), default_timeout=600).run()
    good = 0
    for _, text in pairs:
        whole = text.encode("utf-8", "replace").decode(
            "utf-8"
        )  # a browser sends no half surrogates
        page.text_area(key="words").input(whole)
        next(
            button for button in page.button if button.label == "Get Career Recommendations"
        ).click().run()
        good += not page.exception and bool(page.info or page.subheader)
    return {"texts": len(pairs), "good": good}


def latency(recommender: Recommender, pairs: list[tuple[str, str]], seed: int) -> dict[str, Any]:
    """Milliseconds of each text against an ordinary one of as many windows; fastest of three."""
    rng, known, worst, slow = Random(seed), {}, (0.0, "", 0.0, 0.0), Counter[str]()
    for kind, text in pairs:
        windows = _windows(recommender, text)
        if windows not in known:
            plain = ordinary(rng, 480 * windows)
            known[windows] = _seconds(recommender, plain) / _windows(recommender, plain) * windows
        seconds = _seconds(recommender, text)
        worst = max(worst, (seconds / known[windows], kind, seconds, known[windows]))
        slow[kind] += seconds > MOST_TIMES * known[windows]
    for windows in sorted(known):
        print(
            f"  {windows:2} windows: {1000 * known[windows]:7.1f} ms,"
            f" {1000 * known[windows] / windows:5.1f} ms a window"
        )
    print(
        f"  worst: {worst[1]}, {1000 * worst[2]:.0f} ms, {worst[0]:.1f} times an ordinary text of"
        f" as many windows ({1000 * worst[3]:.0f} ms)"
    )
    return {"texts": len(pairs), "good": len(pairs) - slow.total()}


def _windows(recommender: Recommender, text: str) -> int:
    return len(recommender._network._reader.windows(clean(text), 64)[0])


def _seconds(recommender: Recommender, text: str) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        recommender.recommend(text)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", default="models")
    options.add_argument("--count", type=int, default=168)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument(
        "--only", choices=("stdin", "argument", "jsonl", "csv", "parquet", "page", "latency")
    )
    args = options.parse_args()
    pairs = list(texts(args.seed, args.count))
    each = list(dict(pairs).items())
    ways = {
        "stdin": lambda: by_stdin(args.bundle, pairs),
        "argument": lambda: by_argument(args.bundle, each),
        **{
            kind: lambda kind=kind: by_file(args.bundle, pairs, f".{kind}")
            for kind in ("jsonl", "csv", "parquet")
        },
        "page": lambda: by_page(args.bundle, each),
        "latency": lambda: latency(Recommender.load(args.bundle), each, args.seed),
    }
    missed = 0
    for name, way in ways.items():
        if args.only in (None, name):
            found = way()
            missed += found["texts"] - found["good"]
            print(f"{name:<10} {found['good']} of {found['texts']} as they should be", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
