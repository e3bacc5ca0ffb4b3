"""Corrupt tables through `vocation validate`: no traceback, no silent loss, every row reported,
every refusal with its place.

    python fuzz/hostile_tables.py [--count 10000] [--twins 2000] [--seed 0] [--from 0]
    [--each]

File number i is made from the seed and i alone, so a campaign may be run in parts (`--from`); the
first `--twins` of them are compared cell by cell with the same rows written properly. Every
hundredth goes through the command line as well. Files are read in processes of their own, whose
peak memory counts. `--each` lists every mutator. Exit status 1 where a promise is broken. Needs an
operating system with fork.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from tables.cases import Mutant, Style, case
from tables.foreign import ALL
from tables.judge import Verdict, by_command, judge
from tables.mutators import Mutator

from vocation.data.schema import KINDS

CHUNK = 100
SECONDS, MEGABYTES, F1 = 10.0, 500.0, 0.99
HANGS = 300  # seconds after which a process is given up
STYLES = [
    Style(delimiter=sign, eol=eol, encoding=code, bom=bom)
    for sign in ",;\t|"
    for eol in ("\n", "\r\n", "\r")
    for code, bom in (("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"))
]


def corrupted(seed: int, number: int) -> tuple[Mutator, Mutant]:
    """File `number` of a campaign, and how it was corrupted."""
    rng = random.Random(f"{seed}/{number}")
    mutator = rng.choices(list(ALL.values()), [entry.weight for entry in ALL.values()])[0]
    kind = rng.choice(KINDS).name
    style = rng.choice(STYLES) if mutator.styled and rng.random() < 0.3 else Style()
    return mutator, mutator.make(rng, case(rng, kind, mutator.rows, mutator.spices), style)


def chunk(numbers: range, seed: int, twins: int, folder: Path) -> tuple[list[Verdict], float]:
    """Verdicts of some files and the most memory (MB) that reading them took, from a process of its
    own.
    """
    out = folder / "verdicts.jsonl"
    out.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        signal.alarm(HANGS)
        try:
            with out.open("w", encoding="utf-8") as file:
                for number in numbers:
                    mutator, mutant = corrupted(seed, number)
                    (folder / "in").mkdir(exist_ok=True)
                    print(json.dumps({"begun": f"{mutator.name} {number}"}), file=file, flush=True)
                    verdict = judge(
                        f"{mutator.name} {number}", mutant, folder / "in", number < twins
                    )
                    if number % 100 == 0 and not by_command(folder / "in"):
                        verdict.broken.append("the command line says something else")
                    print(json.dumps(asdict(verdict)), file=file, flush=True)
                print(
                    json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}),
                    file=file,
                )
            os._exit(0)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    verdicts = [Verdict(**line) for line in lines if "name" in line]
    if status:
        last = [line["begun"] for line in lines if "begun" in line][-1]
        verdicts.append(
            Verdict(
                last, HANGS, broken=[f"the process died with {os.waitstatus_to_exitcode(status)}"]
            )
        )
    return verdicts, max((line["peak"] for line in lines if "peak" in line), default=0.0)


def table(verdicts: list[Verdict], each: bool) -> str:
    """The campaign in rows by group, or for `each` mutator."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        name = verdict.name.split()[0]
        groups[name if each else ALL[name].group].append(verdict)
    lines = [
        "| what is wrong | files | refused | broken | twins' rows | read | F1 of cells | slowest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in [*groups.items(), ("all", verdicts)]:
        rows, kept = (sum(getattr(entry, what) for entry in found) for what in ("rows", "kept"))
        share = f"{kept / rows:.1%} | {f1(found):.4f}" if rows and kept else "| "
        broken = sum(bool(entry.broken) for entry in found)
        refused = sum(entry.refused for entry in found)
        slowest = max(entry.seconds for entry in found)
        lines.append(
            f"| {name} | {len(found):,} | {refused:,} | {broken} | {rows:,} | {share} |"
            f" {slowest:.1f} s |"
        )
    return "\n".join(lines)


def f1(verdicts: list[Verdict]) -> float:
    """Harmonic mean of the share of read cells that are right and the share of wanted cells that
    were read right.
    """
    right, read, wanted = (
        sum(getattr(entry, what) for entry in verdicts) for what in ("right", "read", "wanted")
    )
    return 2 * right / (read + wanted) if read + wanted else 1.0


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in (("count", 10_000), ("twins", 2000), ("seed", 0), ("from", 0)):
        arguments.add_argument(f"--{name}", type=int, default=usual)
    arguments.add_argument("--each", action="store_true", help="a line for every mutator")
    arguments.add_argument(
        "--out",
        type=Path,
        help="add the verdicts to this file; with --count 0: the table of what is in it",
    )
    args = arguments.parse_args()
    verdicts, peak, start = [], 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        first = getattr(args, "from")
        for begin in range(first, first + args.count, CHUNK):
            found, memory = chunk(
                range(begin, min(begin + CHUNK, first + args.count)),
                args.seed,
                args.twins,
                Path(name),
            )
            verdicts, peak = verdicts + found, max(peak, memory)
    if args.out:
        with args.out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(entry) | {"peak": peak}) + "\n" for entry in verdicts)
        if not args.count:
            lines = [json.loads(line) for line in args.out.read_text(encoding="utf-8").splitlines()]
            peak = max(line.pop("peak") for line in lines)
            verdicts = [Verdict(**line) for line in lines]
    print(table(verdicts, args.each))
    broken = [entry for entry in verdicts if entry.broken]
    slow = [entry.name for entry in verdicts if entry.seconds > SECONDS]
    score = f1(verdicts)
    print(
        f"\n{time.perf_counter() - start:.0f} s; most memory {peak:.0f} MB; over {SECONDS:.0f} s:"
        f" {slow or 'none'}; F1 {score:.4f}"
    )
    for entry in broken[:40]:
        print(f"{entry.name}: {entry.broken[0]}")
    sys.exit(bool(broken or slow) or peak > MEGABYTES or score < F1)


if __name__ == "__main__":
    main()
