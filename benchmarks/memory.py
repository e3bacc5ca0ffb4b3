"""The most memory that large and hostile inputs take, above the same process before it reads them.

    python benchmarks/memory.py [--bundle models] [CASE ...]

Each case runs in a process of its own. Linux only: it reads VmHWM. Prints a table; copy it with the
command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SIZE = 200_000_000
"""Characters of the hostile line, cell or quote."""
ROWS = 2_000_000
SENTENCE = "I like repairing engines and cars, and helping my friends with bikes. "
LINE = "I repair engines with my uncle and help my friends with their bikes\n"
PEOPLE = [("Chef", "I cook for many people"), ("Nurse", "I look after my sick neighbour")]


class Fixed:
    """Answers every text alike: the memory of reading and writing, in minutes instead of hours."""

    classes = ("Chef", "Nurse")

    def recommend(self, texts: list[str], top_k: int) -> list[object]:
        from vocation.records import Recommendation, Suggestion

        return [Recommendation("match", None, (Suggestion("Chef", 0.5, ""),)) for _ in texts]


def megabytes(key: str) -> float:
    """A size of this process from /proc, such as VmRSS or VmHWM."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if key in line)


def rows() -> Iterator[str]:
    """200 sound rows, to stand around a hostile one."""
    for i in range(100):
        for career, text in PEOPLE:
            yield f"{career},{text} {i}\n"


def hostile(kind: str, path: Path) -> None:
    """Write a file with `kind` between sound rows."""
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".jsonl":
            sound = [json.dumps({"role": role, "profile": text}) + "\n" for role, text in PEOPLE]
            file.writelines(sound)
            file.write('{"role": "Chef", "profile": "' + "a" * SIZE + '"}\n')
            file.writelines(sound)
            return
        file.write("role,profile\n")
        file.writelines(rows())
        if kind == "line":
            file.write("Chef," + "I cook " * (SIZE // 7) + "\n")
        elif kind == "cells":
            file.write("Chef," + "ab," * (SIZE // 3) + "\n")
        elif kind == "cell":
            file.write('Chef,"' + LINE * (SIZE // len(LINE)) + '"\n')
        elif kind == "quote":
            file.write('Chef,"I cook\n')
            for i in range(SIZE // 35):
                file.write(f"I look after my sick neighbours {i}\n")
        file.writelines(rows())


def short_rows(path: Path) -> None:
    """Write 2 million rows, all of them different."""
    with path.open("w", encoding="utf-8") as file:
        file.write("role,profile\n")
        for i in range(ROWS):
            career, text = PEOPLE[i % 2]
            file.write(f"{career},{text} {i}\n")


def measured(action: Callable[[], object]) -> None:
    """Run `action` and print what it took, and how it ended."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # VmHWM begins anew
    before, start = megabytes("VmRSS"), time.perf_counter()
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        result = action()
    seconds, peak = time.perf_counter() - start, megabytes("VmHWM")
    end = said.getvalue().strip().splitlines()
    note = f"{result} {' / '.join(line.strip() for line in end[:2])}"[:160]
    print(json.dumps({"above": peak - before, "seconds": seconds, "end": note}))


def run_file(command: str, kind: str, suffix: str, bundle: Path) -> None:
    """Score, validate or evaluate a hostile file, or load one with very many rows."""
    import vocation.data.tables
    from vocation.cli import main
    from vocation.serving import batch
    from vocation.serving.recommend import Recommender

    # Its libraries are there before: the idle process has them too.
    Recommender.load(bundle).recommend(SENTENCE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"profiles{suffix}"
        short_rows(path) if kind == "rows" else hostile(kind, path)
        columns = ["--text-column", "profile", "--bundle", str(bundle)]
        output = Path(folder) / "out.csv"
        actions: dict[str, Callable[[], object]] = {
            "score": lambda: main(["score", str(path), "--output", str(output), *columns]),
            "evaluate": lambda: main(["evaluate", str(path), "--label-column", "role", *columns]),
            "validate": lambda: main(["validate", str(path)]),
            "load": lambda: len(vocation.data.tables.read_folder(path)[0].rows),
            "rows": lambda: batch.score(path, output, "profile", Fixed()).rows,  # type: ignore[arg-type]
        }
        measured(actions[command])


def run_text(threads: int, explain: bool, bundle: Path) -> None:
    """Answer a text of 50,000 characters in several threads at once."""
    from vocation.serving.recommend import Recommender

    recommender = Recommender.load(bundle)
    recommender.recommend(SENTENCE)
    text = (SENTENCE * 50_000)[:50_000]

    def all_at_once() -> str:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(lambda _: recommender.recommend(text, 5, explain), range(threads)):
                pass
        return f"{threads} answers"

    measured(all_at_once)


def run_stdin(bundle: Path) -> None:
    """`vocation recommend` with one very long line on standard input."""
    from vocation.cli import main
    from vocation.serving.recommend import Recommender

    Recommender.load(bundle).recommend(SENTENCE)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(SENTENCE * (SIZE // len(SENTENCE)) + "\nI bake bread at night\n")
        file.seek(0)
        sys.stdin = file  # type: ignore[assignment]
        measured(lambda: main(["recommend", "--bundle", str(bundle)]))


CASES: dict[str, Callable[[Path], None]] = {
    "a text of 50,000 characters": lambda bundle: run_text(1, False, bundle),
    "the same in 8 threads": lambda bundle: run_text(8, False, bundle),
    "the same in 30 threads": lambda bundle: run_text(30, False, bundle),
    "stdin: a line of 200 MB": run_stdin,
    **{
        f"{command}: {kind} of 200 MB{suffix}": (
            lambda bundle, command=command, kind=kind, suffix=suffix: run_file(
                command, kind, suffix, bundle
            )
        )
        for command in ("score", "validate", "evaluate")
        for kind, suffix in (
            ("line", ".csv"),
            ("cells", ".csv"),
            ("cell", ".csv"),
            ("quote", ".csv"),
            ("line", ".jsonl"),
        )
        if (command, suffix) != ("validate", ".jsonl")
    },
    "score: 2 million rows, a fixed answer": lambda bundle: run_file(
        "rows", "rows", ".csv", bundle
    ),
    "read as a table: 2 million rows": lambda bundle: run_file("load", "rows", ".csv", bundle),
    "validate: 2 million rows": lambda bundle: run_file("validate", "rows", ".csv", bundle),
}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("case", nargs="*", help="part of a name; all cases without one")
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--here", help=argparse.SUPPRESS)  # the case that this process runs
    args = arguments.parse_args()
    if args.here:
        CASES[args.here](args.bundle)
        return
    print("| case | memory above idle | seconds | how it ended |\n|---|---|---|---|")
    for name in CASES:
        if args.case and not any(part in name for part in args.case):
            continue
        command = [sys.executable, __file__, "--here", name, "--bundle", str(args.bundle)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"| {name} | failed | | {done.stderr.strip()[-200:]} |")
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        print(
            f"| {name} | {found['above']:.0f} MB | {found['seconds']:.1f} | {found['end']} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
