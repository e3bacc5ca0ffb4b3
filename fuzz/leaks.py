"""Do near-duplicates stay on one side of a split, and does a folder with a million rows get
through? Near-duplicates are planted, from a seed.

    python fuzz/leaks.py [--rows 10000 --exact 500 --near 500 --seed 0] [--show 10]
    python fuzz/leaks.py --million [--rows 1000000]

Rows are passages of 20 to 200 words out of ../shared where it is there, and out of the default
data. Of a near twin at most one word in twenty is changed in one of KINDS; half of the twins have
another career. `--show` prints clean rows that were grouped, to be read by eye. `--million` writes
the rows into a temporary folder and reads them as `vocation validate` does, in a process of its
own. Exit status 1 when a promise is broken. Copy the table with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import io
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vocation.data import dataset, split
from vocation.data.csv_reader import long_cells
from vocation.data.encoding import decode

PUBLIC = Path(__file__).parents[2] / "shared" / "data"
# text column, career column (postings have hundreds of titles: the sector stands for them)
FILES = {
    "career_guidance_qa.csv": ("answer", "role"),
    "job_postings_salary.csv": ("Job Description", "Sector"),
    "resumes_962.csv": ("Resume", "Category"),
}
SHORTEST, LONGEST = 20, 200
KINDS = ("substitution", "deletion", "insertion", "swap", "typo", "case", "punctuation", "mixed")
SPLITS = 5
"""Splits tried; a pair that is tied together cannot be separated by any."""
ALIKE = 0.8
"""A row of the material has a natural twin from this share of common words in order (difflib) on; a
group without is a false alarm.
"""
MOST_SECONDS, MOST_NEAR, MOST_FALSE = 60, 0.01, 0.005
MILLION_SECONDS, MILLION_BYTES = 300, 2e9

Row = tuple[str, str]  # career, text


@dataclass(frozen=True)
class Planted:
    """Rows in file order, and the pairs (first, twin, kind) of their positions."""

    rows: list[Row]
    pairs: list[tuple[int, int, str]]


def material() -> list[Row]:
    """Different documents with their careers."""
    data = dataset.load()
    found = {text: data.roles[label] for text, label in zip(data.texts, data.labels, strict=True)}
    for name, (text, career) in FILES.items():
        if (PUBLIC / name).is_file():
            content, _ = decode((PUBLIC / name).read_bytes(), name)
            with long_cells():
                found |= {
                    row[text]: row[career].strip(" -1") or "Other"
                    for row in csv.DictReader(io.StringIO(content, newline=""))
                }
    return [(career, text) for text, career in found.items()]


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence."""
    return [words for part in re.split(r"(?<=[.!?])\s+|\n", text) if (words := part.split())]


def passages(rng: random.Random) -> Iterator[Row]:
    """Rows without end: first the documents in pieces of whole sentences, then sentences drawn from
    all of them (three and more a row).
    """
    documents = material()
    rng.shuffle(documents)
    stock: list[list[str]] = []
    for career, text in documents:
        row: list[str] = []
        wanted = length(rng)
        for words in sentences(text):
            stock.append(words[:LONGEST])
            row += words
            if len(row) >= wanted:
                yield career, " ".join(row[:LONGEST])
                row, wanted = [], length(rng)
        if len(row) >= SHORTEST:
            yield career, " ".join(row)
    careers = sorted({career for career, _ in documents})
    while True:
        wanted, row, count = length(rng), [], 0
        while count < 3 or len(row) < wanted:
            row += rng.choice(stock)
            count += 1
        yield rng.choice(careers), " ".join(row[:LONGEST])


def length(rng: random.Random) -> int:
    """Short rows are as frequent as long ones, on a scale of doublings."""
    return round(SHORTEST * (LONGEST / SHORTEST) ** rng.random())


def changed(text: str, kind: str, rng: random.Random, spare: list[str]) -> str:
    """`text` with one word in twenty, at least one, changed. To swap two neighbours counts as one
    change: the hard reading.
    """
    words = text.split()
    for at in sorted(rng.sample(range(len(words)), len(words) // 20), reverse=True):
        step = rng.choice(KINDS[:-1]) if kind == "mixed" else kind
        word = words[at]
        if step == "substitution":
            words[at] = rng.choice(spare)
        elif step == "deletion":
            del words[at]
        elif step == "insertion":
            words.insert(at, rng.choice(spare))
        elif step == "swap" and len(words) > 1:
            at = min(at, len(words) - 2)
            words[at], words[at + 1] = words[at + 1], words[at]
        elif step == "typo":
            place = rng.randrange(len(word))
            words[at] = (
                word[:place]
                + rng.choice(["", word[place] * 2, rng.choice("etaoinsr")])
                + word[place + 1 :]
                or "x"
            )
        elif step == "case":
            words[at] = word.swapcase()
        elif step == "punctuation":
            words[at] = (
                rng.choice([word + ",", f"({word})", word.rstrip(".,;:!?"), f'"{word}"']) or "."
            )
    return " ".join(words)


def planted(count: int, exact: int, near: int, rng: random.Random) -> Planted:
    """`count` rows, of which `exact` + `near` are twins of others."""
    stream = passages(rng)
    clean = [next(stream) for _ in range(count - exact - near)]
    careers = sorted({career for career, _ in clean})
    spare = [rng.choice(text.split()) for _, text in clean]
    long = [i for i, (_, text) in enumerate(clean) if len(text.split()) >= SHORTEST]
    twins = []
    for number, first in enumerate(rng.sample(long, exact + near)):
        kind = "exact" if number < exact else KINDS[number % len(KINDS)]
        career, text = clean[first]
        text = text if kind == "exact" else changed(text, kind, rng, spare)
        twins.append((first, (rng.choice(careers) if number % 2 else career, text), kind))
    order = rng.sample(range(count), count)  # place of each row in the file
    rows: list[Row] = [("", "")] * count
    for i, row in enumerate([*clean, *(row for _, row, _ in twins)]):
        rows[order[i]] = row
    return Planted(
        rows,
        [(order[first], order[len(clean) + i], kind) for i, (first, _, kind) in enumerate(twins)],
    )


def write(path: Path, rows: Iterator[Row] | list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["role", "profile"])
        table.writerows(rows)


def groups(data: dataset.Dataset, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each of `count` rows of the file its position in `data` (-1: merged into another), and its
    group.
    """
    used, group = np.full(count, -1), np.full(count, -1)
    lines = np.array([row.line for row in data.rows]) - 2
    used[lines], group[lines] = np.arange(len(lines)), data.groups
    for merge in data.report.merged:
        group[merge.line - 2] = group[merge.kept_line - 2]
    return used, group


def alarms(
    rows: list[Row], group: np.ndarray, pairs: list[tuple[int, int, str]]
) -> tuple[list[tuple[int, int, float]], int]:
    """Clean rows that share a group without a natural twin in it, (row, nearest, share of common
    words); and how many have one.
    """
    members: dict[int, list[int]] = {}
    for i, name in enumerate(group.tolist()):
        members.setdefault(name, []).append(i)
    touched = {i for pair in pairs for i in pair[:2]}
    false, natural = [], 0
    for together in members.values():
        for i in together if len(together) > 1 else ():
            if i not in touched:
                words = [
                    re.findall(r"\w+", rows[j][1].casefold())
                    for j in (i, *[j for j in together if j != i][:50])
                ]
                shares = [
                    2
                    * sum(
                        m.size
                        for m in difflib.SequenceMatcher(
                            None, words[0], w, False
                        ).get_matching_blocks()
                    )
                    for w in words[1:]
                ]
                best, at = max(
                    (share / (len(words[0]) + len(w)), k)
                    for k, (share, w) in enumerate(zip(shares, words[1:], strict=True))
                )
                natural += best >= ALIKE
                if best < ALIKE:
                    false.append((i, [j for j in together if j != i][at], best))
    return false, natural


def campaign(args: argparse.Namespace) -> bool:
    """Plant, read, split; prints the table and returns whether every promise holds."""
    rng = random.Random(args.seed)
    made = planted(args.rows, args.exact, args.near, rng)
    with tempfile.TemporaryDirectory() as name:
        write(Path(name) / "profiles.csv", made.rows)
        start = time.perf_counter()
        data = dataset.load(name)
        seconds = time.perf_counter() - start
    used, group = groups(data, args.rows)
    sides = np.zeros((SPLITS, len(data.rows)), int)
    for seed in range(SPLITS):
        parts = split.split(data.labels, data.groups, seed)
        sides[seed, parts.validation], sides[seed, parts.test] = 1, 2
    tally: Counter[tuple[str, str]] = Counter()
    for first, twin, kind in made.pairs:
        tally[kind, "pairs"] += 1
        tally[kind, "apart"] += bool(group[first] != group[twin])
        if min(used[first], used[twin]) >= 0:
            tally[kind, "across"] += bool((sides[:, used[first]] != sides[:, used[twin]]).any())
    print("| twins | pairs | not tied together | across a split |\n|---|---|---|---|")
    for kind in ("exact", *KINDS):
        print(
            f"| {kind} | {tally[kind, 'pairs']} | {tally[kind, 'apart']} |"
            f" {tally[kind, 'across']} |"
        )
    apart = sum(tally[kind, "apart"] for kind in KINDS)
    false, natural = alarms(made.rows, group, made.pairs)
    clean = args.rows - len({i for pair in made.pairs for i in pair[:2]}) - natural
    tied = f"Near pairs not tied: {apart} of {args.near} ({apart / max(args.near, 1):.1%})"
    alone = (
        f"Clean rows grouped though no other is like them: {len(false)} of {clean:,}"
        f" ({len(false) / clean:.2%})"
    )
    print(
        f"\n{tied}. {alone}; with a natural twin: {natural}. {seconds:.1f} s for {args.rows:,}"
        " rows."
    )
    for i, j, share in false[: args.show]:
        print(f"\n{share:.2f} {made.rows[i]}\n     {made.rows[j]}")
    return (
        not tally["exact", "apart"]
        and apart <= MOST_NEAR * args.near
        and len(false) <= MOST_FALSE * clean
        and seconds <= MOST_SECONDS
    )


CHILD = """
import sys, time
from vocation.cli import main
start = time.perf_counter()
status = main(["validate", sys.argv[1]])
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(f"\\nCHILD {status} {time.perf_counter() - start} {peak}")
"""


def million(args: argparse.Namespace) -> bool:
    """`vocation validate` on `--rows` rows, of which each twentieth is an exact and each twentieth
    a near twin of an earlier one.
    """
    rng = random.Random(args.seed)

    def rows() -> Iterator[Row]:
        stream, spare = passages(rng), ["words", "that", "were", "not", "there"]
        earlier: list[Row] = []
        for number in range(args.rows):
            if number % 20 < 18 or not earlier:
                row = next(stream)
                earlier.append(row)
                del earlier[:-1000]
            else:
                career, text = rng.choice(earlier)
                row = (
                    career,
                    (text if number % 20 == 18 else changed(text, rng.choice(KINDS), rng, spare)),
                )
            yield row

    with tempfile.TemporaryDirectory() as name:
        write(Path(name) / "profiles.csv", rows())
        size = (Path(name) / "profiles.csv").stat().st_size
        done = subprocess.run(
            [sys.executable, "-c", CHILD, name], capture_output=True, text=True, check=False
        )
    report, _, said = done.stdout.rpartition("\nCHILD ")
    if not said:
        print(done.stderr, file=sys.stderr)
        return False
    status, seconds, peak = said.split()
    print(
        report
        if args.show
        else next(line for line in report.splitlines() if line.startswith("Rows:"))
    )
    print("\n| rows | file | seconds | peak memory |\n|---|---|---|---|")
    print(
        f"| {args.rows:,} | {size / 1e6:,.0f} MB | {float(seconds):.0f} | {int(peak) / 1e9:.2f}"
        " GB |"
    )
    return status == "0" and float(seconds) <= MILLION_SECONDS and int(peak) <= MILLION_BYTES


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--million", action="store_true")
    arguments.add_argument("--rows", type=int)
    for name, usual in (("exact", 500), ("near", 500), ("seed", 0), ("show", 0)):
        arguments.add_argument(f"--{name}", type=int, default=usual)
    args = arguments.parse_args()
    args.rows = args.rows or (1_000_000 if args.million else 10_000)
    return not (million if args.million else campaign)(args)


if __name__ == "__main__":
    sys.exit(main())
