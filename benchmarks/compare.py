"""vocation beside its peers, on the same splits: one table, also written into
benchmarks/results.md.

    python benchmarks/compare.py [--only 'resumes/tfidf/*'] [--again 'first-person/vocation-*']
    [--half tune|report] [--slow] [--table]

A cell is (set, peer, split). Finished cells are kept in benchmarks/.cells and skipped by the next
run, as long as their rows are the same. The sets and splits are in peers/tasks.py, the peers in
peers/here.py and peers/elsewhere.py. Needs the train extra.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from peers import PEERS, elsewhere, tasks

from vocation import metrics

Cell = dict[str, Any]

HERE = Path(__file__).parent
CELLS, RESULTS = HERE / ".cells", HERE / "results.md"
BEGIN, END = "<!-- compare: begin -->", "<!-- compare: end -->"
ANSWERED = 0.8

HEAD = """\
| set | peer | top-1 accuracy (95 % interval) | top-3 accuracy | calibration error | 90 % set covers | its size | error, all / surest 80 % | seconds | splits |
|---|---|---|---|---|---|---|---|---|---|"""

ABOUT = """\
Intervals are Wilson's over the pooled test rows of all splits (rows that several splits test count several times). "Surest 80 %": the error when
the fifth of the rows with the lowest first probability is left unanswered. Seconds are the mean of a split, learning and answering together."""

# --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def load(name: str, number: int) -> tuple[tasks.Task, str]:
    task = tasks.task(name, number)
    return task, task.digest()


def compute(name: str, peer: str, number: int) -> Cell:
    """The figures of one cell, row by row; for a peer that cannot be installed here, why."""
    task, digest = load(name, number)
    cell: Cell = {
        "set": name,
        "peer": peer,
        "split": number,
        "data": digest,
        "n": len(task.truth),
        **surroundings(),
    }
    if PEERS[peer].environment:
        try:
            elsewhere.prepare(PEERS[peer].environment)
        except elsewhere.UnavailableError as error:
            return cell | {"unavailable": str(error)}
    start = time.perf_counter()
    probabilities, mass = PEERS[peer].answer(task)
    cell["seconds"] = round(time.perf_counter() - start, 1)
    if (
        probabilities.shape != (len(task.truth), len(task.classes))
        or not np.isfinite(probabilities).all()
    ):
        raise ValueError(
            f"expected {len(task.truth)} rows of {len(task.classes)} finite probabilities, found"
            f" {probabilities.shape}"
        )
    cell["rank"] = metrics.ranks(probabilities, task.truth).tolist()
    cell["top"] = probabilities.max(axis=1).round(6).tolist()
    cell["right"] = (probabilities.argmax(axis=1) == task.truth).tolist()
    if mass is not None:
        sets = metrics.prediction_sets(probabilities, mass)
        cell["set_size"] = sets.sum(axis=1).tolist()
        cell["set_hit"] = sets[np.arange(len(task.truth)), task.truth].tolist()
    return cell


def surroundings() -> dict[str, str]:
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, torch {version('torch')}"
    )
    return {"machine": machine, "date": time.strftime("%Y-%m-%d")}


def path_of(name: str, peer: str, number: int) -> Path:
    return CELLS / f"{name}--{peer}--{number}.json"


def stored(name: str, peer: str, number: int) -> Cell | None:
    try:
        return json.loads(path_of(name, peer, number).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent, or cut off
        return None


def store(cell: Cell) -> None:
    CELLS.mkdir(exist_ok=True)
    path = path_of(cell["set"], cell["peer"], cell["split"])
    path.with_suffix(".part").write_text(json.dumps(cell), encoding="utf-8")
    path.with_suffix(".part").replace(path)


def planned(half: str, slow: bool, only: str) -> Iterator[tuple[str, str, int]]:
    """The cells to have, quick peers first."""
    for peer, kind in PEERS.items():
        for name, splits in tasks.names(half).items():
            for number in range(splits):
                if kind.takes_part(name, number, slow) and fnmatch(f"{name}/{peer}/{number}", only):
                    yield name, peer, number


def run(half: str, slow: bool, only: str, again: list[str]) -> None:
    for name, peer, number in planned(half, slow, only):
        key, cell = f"{name}/{peer}/{number}", stored(name, peer, number)
        repeat = any(fnmatch(f"{name}/{peer}", pattern) for pattern in again)
        try:
            if cell is not None and not repeat and cell["data"] == load(name, number)[1]:
                continue
            cell = compute(name, peer, number)
        except Exception as error:  # a peer may fail in any way; the others go on
            print(
                f"{key}: FAILED, {type(error).__name__}: {' '.join(str(error).split())[:200]}",
                flush=True,
            )
            continue
        store(cell)
        if "unavailable" in cell:
            print(f"{key}: {cell['unavailable']}", flush=True)
        else:
            print(
                f"{key}: {np.mean(np.array(cell['rank']) == 1):.1%} of {cell['n']} right,"
                f" {cell['seconds']} s",
                flush=True,
            )


# --------------------------------------------------------------------------------------------------


def pooled(cells: list[Cell], column: str) -> np.ndarray:
    return np.concatenate([np.array(cell[column]) for cell in cells])


def line(name: str, peer: str, cells: list[Cell]) -> str:
    """One row of the table from the cells of all splits."""
    done = [cell for cell in cells if "unavailable" not in cell]
    if not done:
        return f"| {name} | {peer} | {cells[0]['unavailable'].replace('|', '/')} | | | | | | | |"
    rank, top, right = (pooled(done, column) for column in ("rank", "top", "right"))
    first = metrics.share(rank == 1)
    pairs = np.column_stack(
        [top, np.zeros(len(top))]
    )  # the true class first, where the answer was right: all that the calibration needs
    calibration = metrics.calibration_error(pairs, np.where(right, 0, 1))
    surest = np.argsort(-top, kind="stable")[: round(ANSWERED * len(top))]
    covered, size = "", ""
    if all("set_hit" in cell for cell in done):
        covered = f"{pooled(done, 'set_hit').mean():.1%}"
        size = f"{pooled(done, 'set_size').mean():.1f}"
    parts = [
        name,
        peer,
        f"{first['value']:.1%} ({100 * first['low']:.1f}-{100 * first['high']:.1f})",
        f"{(rank <= 3).mean():.1%}",
        f"{calibration:.3f}".removeprefix("0"),
        covered,
        size,
        f"{1 - first['value']:.1%} / {(rank[surest] > 1).mean():.1%}",
        f"{np.mean([cell['seconds'] for cell in done]):.0f}",
        f"{len(done)}",
    ]
    return f"| {' | '.join(parts)} |"


def table() -> str:
    """The section for results.md: every stored cell, by set and peer."""
    by_row: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for half in ("tune", "report"):
        for name, splits in tasks.names(half).items():
            for peer in PEERS:
                by_row[name, peer] = [
                    cell for number in range(splits) if (cell := stored(name, peer, number))
                ]
    found = {row: cells for row, cells in by_row.items() if cells}
    cells = [cell for row in found.values() for cell in row]
    if not cells:
        return "No cell is stored yet."
    digests: dict[tuple[str, int], set[str]] = defaultdict(set)
    for cell in cells:
        digests[cell["set"], cell["split"]].add(cell["data"])
    mixed = [f"{name}/{number}" for (name, number), seen in digests.items() if len(seen) > 1]
    warning = (
        [f"NOT COMPARABLE, the data changed between peers (run again): {', '.join(mixed)}.", ""]
        if mixed
        else []
    )
    dates = sorted({cell["date"] for cell in cells})
    machines = sorted({cell["machine"] for cell in cells})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    rows = [line(name, peer, row) for (name, peer), row in found.items()]
    return "\n".join(
        [
            f"`python benchmarks/compare.py`, {when}, {'; '.join(machines)}",
            "",
            *warning,
            HEAD,
            *rows,
            "",
            ABOUT,
        ]
    )


def write(section: str) -> None:
    """Put `section` between the markers of results.md, at its end where there are none."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    if BEGIN not in text or END not in text:
        text = f"{text.rstrip()}\n\n## Comparison with other libraries\n\n{BEGIN}\n{END}\n"
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    RESULTS.write_text(
        between.sub(lambda _: f"{BEGIN}\n{section}\n{END}", text, count=1), encoding="utf-8"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help="cells to have, as set/peer/split with * and ?",
    )
    arguments.add_argument(
        "--again",
        action="append",
        default=[],
        metavar="SET/PEER",
        help="compute these anew (with * and ?)",
    )
    arguments.add_argument(
        "--half",
        choices=("tune", "report"),
        default="tune",
        help="of the first-person texts; `report` is for what is published",
    )
    arguments.add_argument("--slow", action="store_true", help="also SetFit, ten minutes a split")
    arguments.add_argument(
        "--table", action="store_true", help="compute nothing, only print and write the table"
    )
    args = arguments.parse_args()
    if not args.table:
        run(args.half, args.slow, args.only, args.again)
    section = table()
    print(f"\n{section}")
    write(section)


if __name__ == "__main__":
    main()
