"""Untrusted bundles: is everything hostile refused, and everything harmless answered as before?

    python -m fuzz.bundles [--hostile 400] [--honest 100] [--flips 1000] [--seed 0]
    [--bundle models] [--only NAME] [--verbose]

Needs the train extra and Linux. Small bundles are trained here in some minutes (--keep finds them
again); --bundle names one of the default data. From these the techniques of in_*.py make hostile
ones. Each goes to a command of the command line in a process of its own under an audit hook, and
must be refused in one sentence, with nothing run and nothing opened outside, within 2 seconds and
200 MB above an honest bundle by the same command. The honest ones must answer as before, and every
flipped bit must be noticed or change nothing. Exit status 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from vocation.bundle import layout

from . import in_files, in_graphs, in_pickles, in_tables, in_texts, in_weights, in_zips  # noqa: F401 (they enter their techniques)
from .cases import TECHNIQUES, Case, Technique, copy
from .child import Result, prepared, probabilities, roads, watched
from .flips import flips

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEMORY = 2.0, 200_000_000
HONEST_ROADS = ("recommend", "score", "evaluate", "app", "pull", "push", "check", "ensemble")
_CODES = {"check": (0, 1)}  # a small honest model may fail the checklist, in words


def hostile(
    bases: Mapping[str, Path],
    count: int,
    seed: int,
    only: str | None = None,
    part: tuple[int, int] = (1, 1),
) -> Iterator[tuple[Technique, Case, Result]]:
    """`count` hostile bundles: every technique in turn, its bundle, road and details by the seed.
    `part` (2, 3): the second of three parts.
    """
    chosen = [
        one
        for one in TECHNIQUES
        if (only is None or only in one.name) and set(one.bases) & set(bases)
    ]
    for number in range(part[0] - 1, count, part[1]):
        rng = random.Random(f"{seed} {number}")
        one = chosen[number % len(chosen)]
        base = rng.choice([name for name in one.bases if name in bases])
        with prepared(bases["tiny"].parents[1], bases[base], bases["tiny"]) as root:
            case = Case(copy(bases[base], root / "bundle"), rng)
            case.road = rng.choice(
                [road for road in one.roads if not (base == "ensemble" and road == "ensemble")]
            )
            one.spoil(case)
            if case.sealed and case.path == case.folder:
                case.seal()
            if (
                case.path == case.folder
                and case.road not in ("start-from", "complete")
                and one.as_zip is not False
                and (case.road == "check" or rng.random() < 0.4)
            ):
                case.zipped(rng.choice([0, 8]), shuffle=True)
            if case.road == "complete":
                for path in case.folder.iterdir():
                    if path.name not in (
                        layout.WEIGHTS,
                        layout.LABELS,
                        layout.EMBEDDINGS,
                        layout.METADATA,
                    ):
                        path.unlink()
            case.note = f"{base}, {case.path.name} {case.note}"
            result = watched(roads(case.road, case.path, root / "place"), root, _cache())
            if case.canary.exists() or (root / "place" / "canary").exists():
                result.events.append("the canary: something was run")
            if list((root / "place").iterdir()):
                result.events.append(
                    f"left behind: {sorted(path.name for path in (root / 'place').iterdir())}"
                )
            yield one, case, result


def honest(
    bases: Mapping[str, Path], count: int, seed: int, part: tuple[int, int] = (1, 1)
) -> Iterator[tuple[str, Case, Result, bool]]:
    """`count` honest bundles, packed in many harmless ways; whether each answers as the bundle that
    it was made of.
    """
    from .honest import pack

    names = [name for name in bases if name != "second"]
    expected = {}
    for number in range(part[0] - 1, count, part[1]):
        rng = random.Random(f"{seed} {number}")
        base = names[number % len(names)]
        other = bases[base if base in ("pair", "many") else "tiny"]
        with prepared(bases["tiny"].parents[1], bases[base], other) as root:
            if base not in expected:
                path = bases[base]
                expected[base] = watched(
                    lambda: 0, root, _cache(), lambda path=path: probabilities(path)
                ).answer
            case = Case(copy(bases[base], root / "bundle"), rng)
            usable = [
                road
                for road in HONEST_ROADS
                if road != "ensemble" or base in ("tiny", "tasks", "pair", "many")
            ]
            case.road = (
                rng.choice(usable)
                if number % 25 or base in ("ensemble", "default")
                else "start-from"
            )
            case.note = f"{base}, {pack(case, number)}"
            if case.road in ("check", "start-from") and case.path.is_dir() != (
                case.road == "start-from"
            ):
                case.path = case.folder if case.road == "start-from" else case.zipped()
            answers = root / "place" / "out" if case.road in ("pull", "push") else case.path
            result = watched(
                roads(case.road, case.path, root / "place"),
                root,
                _cache(),
                lambda answers=answers: probabilities(answers),
            )
            good = (
                result.status in _CODES.get(case.road, (0,))
                and (result.answer == expected[base] or result.status == 1)
                and not result.events
            )
            yield base, case, result, good


def _cache() -> Path:
    return Path(os.environ["VOCATION_CACHE"]).resolve()


def _mb(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def report(
    found: Iterator[tuple[Technique, Case, Result]], usual: Mapping[str, int], verbose: bool
) -> int:
    """Print what came of the hostile bundles; how many promises were broken. `usual` is the highest
    memory of an honest bundle on each road.
    """
    bad, late, rows = 0, 0, []
    for one, case, result in found:
        rows.append((one, case, result))
        above = result.growth - usual.get(case.road, 0)
        trouble = (
            []
            if result.one_sentence
            else [
                f"not refused in one sentence (status {result.status}):"
                f" {result.said.strip()[-300:]!r}"
            ]
        )
        late += result.seconds > SECONDS
        trouble += (
            [f"{result.seconds:.1f} s ({result.computing:.1f} of computing)"]
            if result.seconds > SECONDS
            else []
        )
        trouble += [f"{above / 1e6:.0f} MB above an honest one"] if above > MEMORY else []
        trouble += result.events
        bad += bool(trouble)
        if trouble or verbose:
            print(
                f"{'BAD ' if trouble else 'ok  '}{one.name} [{case.note}] {case.road}:"
                f" {'; '.join(trouble) or result.said.strip()[10:260]}",
                flush=True,
            )
    print(
        f"{len(rows) - bad} of {len(rows)} hostile bundles refused as promised, by"
        f" {len({one.name for one, _, _ in rows})} techniques"
    )
    seconds = sorted(result.seconds for *_, result in rows)
    growth = [result.growth for *_, result in rows]
    print(
        f"  seconds: median {statistics.median(seconds):.2f}, 95 %"
        f" {seconds[int(len(seconds) * 0.95)]:.2f}, most {seconds[-1]:.2f}"
    )
    print(
        f"  later than {SECONDS:.0f} s by the clock: {late}; of computing:"
        f" {sum(result.computing > SECONDS for *_, result in rows)}"
    )
    print(
        f"  of computing: median {statistics.median(r.computing for *_, r in rows):.2f}, most"
        f" {max(r.computing for *_, r in rows):.2f}"
    )
    most = max(rows, key=lambda row: row[2].growth - usual.get(row[1].road, 0))
    peak = max(result.peak for *_, result in rows)
    print(
        f"  memory of a command: median {_mb(statistics.median(growth))}, most {_mb(max(growth))};"
        f" with all libraries at most {_mb(peak)}"
    )
    print(
        "  most above an honest bundle by the same command:"
        f" {most[2].growth / 1e6 - usual.get(most[1].road, 0) / 1e6:.0f} MB ({most[0].name})"
    )
    for road, number in sorted(collections.Counter(case.road for _, case, _ in rows).items()):
        print(f"  {road}: {number}")
    return bad


def main() -> int:
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "streamlit_app")]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hostile", type=int, default=400)
    parser.add_argument("--honest", type=int, default=100)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--bundle", type=Path, help="a bundle of the default data, as  vocation train  makes it"
    )
    parser.add_argument(
        "--keep", type=Path, help="where the honest bundles are made, and found again the next time"
    )
    parser.add_argument("--only", help="techniques with this in their name")
    parser.add_argument(
        "--part",
        type=lambda text: tuple(map(int, text.split("/"))),
        default=(1, 1),
        help="2/3: the second third of everything",
    )
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        root = (args.make or args.keep or Path(name)).resolve()
        os.environ.setdefault("VOCATION_CACHE", str(root / "cache"))
        if args.make:
            from .honest import make

            make(root, args.bundle)
            return 0
        bad = campaign(args, bases_in(root, args.bundle))
    return 1 if bad else 0


def bases_in(root: Path, default: Path | None) -> dict[str, Path]:
    """The honest bundles in `root`, made first where they are not there: in another process, since
    this one must stay free of threads.
    """
    if not (root / "ensemble" / "models").exists():
        more = ["--bundle", str(default)] if default else []
        subprocess.run(
            [sys.executable, "-m", "fuzz.bundles", "--make", str(root), *more],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
    return {
        path.parent.name: path
        for path in sorted(root.glob("*/models"))
        if path.parent.name != "second"
    }


def campaign(args: argparse.Namespace, bases: Mapping[str, Path]) -> int:
    """Honest ones first: they say what is usual on each road."""
    for module in ("run", "rebuild", "ensemble", "warm_start"):  # loaded once, for all the forks
        importlib.import_module(f"vocation.training.{module}")
    start, bad = time.monotonic(), 0
    usual: dict[str, int] = {}
    shown: collections.Counter[str] = collections.Counter()
    for _, case, result, good in honest(bases, args.honest, args.seed, args.part):
        usual[case.road] = max(usual.get(case.road, 0), result.growth)
        shown["answered as before" if good else "BAD"] += 1
        bad += not good
        if not good or args.verbose:
            said = (
                f"status {result.status}, {result.seconds:.1f} s, {_mb(result.growth)}"
                f" {result.said.strip()[-300:]!r} {result.events}"
            )
            print(
                f"{'ok  ' if good else 'BAD '}honest [{case.note}] {case.road}: {said}", flush=True
            )
    known = bases["tiny"].parents[1] / "usual.json"
    if known.exists():
        earlier = json.loads(known.read_text("utf-8"))
        usual = {road: max(usual.get(road, 0), earlier.get(road, 0)) for road in {*usual, *earlier}}
    if args.honest:
        print(
            f"{shown['answered as before']} of {shown.total()} honest bundles loaded and answered"
            " as before; memory by road:"
        )
        print("  " + ", ".join(f"{road} {_mb(size)}" for road, size in sorted(usual.items())))
        known.write_text(json.dumps(usual), "utf-8")
    if args.hostile:
        bad += report(
            hostile(bases, args.hostile, args.seed, args.only, args.part), usual, args.verbose
        )
    if args.flips:
        bad += flips(
            bases["tasks"], args.flips // args.part[1], args.seed + 1000 * (args.part[0] - 1)
        )
    print(f"{time.monotonic() - start:.0f} s in all, seed {args.seed}")
    return bad


if __name__ == "__main__":
    sys.exit(main())
