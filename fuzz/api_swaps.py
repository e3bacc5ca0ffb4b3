"""Bundles that are replaced while `vocation serve` answers: no answer fails, none is mixed, and a
broken bundle changes nothing.

    python fuzz/api_swaps.py [--bundle models] [--swaps 50] [--broken 20] [--rate 20] [--seed 0]

The server is given a link. It leads in turn to the bundle and to a copy with other names of
careers; every second time a SIGHUP tells the server, else it sees the link by itself. Meanwhile
requests in all forms come by a clock. Each answer must name a bundle and have its careers alone.
Broken bundles are cut, incomplete, of another hash, or made by the techniques of fuzz/bundles: each
must be counted as refused, with the bundle in use as before. Exit status 1 where a promise is
broken. Needs the train extra, whose library makes hostile graphs. Linux alone. Copy the last lines
with the command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from api_server import Answer, Server, request, send, share
from bundles import in_files, in_graphs, in_tables, in_texts  # noqa: F401 (enter their techniques)
from bundles.cases import TECHNIQUES, Case, copy
from helpers import edited

from vocation import Recommender
from vocation.bundle import layout

_SUFFIX = " of the other bundle"
_LATE_S = 60  # for a bundle to be loaded on a busy machine
_TEXT = "I get up at four and love the smell of bread, and I write Python code"
_ASKED = (
    request({"text": _TEXT}),
    request({"texts": [_TEXT, "I sit with patients at night"], "top_k": 64}),
    request({"inputs": [_TEXT]}, "/predict"),
    request({"input": _TEXT}, "/v1/classify"),
    request(path="/v1/careers", method="GET"),
    request(path="/v1/model", method="GET"),
)
_HEALTH = request(path="/health", method="GET")


def relabelled(source: Path, target: Path) -> Path:
    """A copy of the bundle `source` whose careers have other names."""
    profiles = json.loads((source / layout.PROFILES).read_text("utf-8"))
    metadata = json.loads((source / layout.METADATA).read_text("utf-8"))
    for one in profiles:
        one["name"] += _SUFFIX
    metadata["classes"] = [name + _SUFFIX for name in metadata["classes"]]
    changed = {layout.PROFILES: profiles, layout.METADATA: metadata}
    if (source / layout.TASKS).exists():
        tasks = json.loads((source / layout.TASKS).read_text("utf-8"))
        for part in ("pay", "usual_skills"):
            tasks[part] = {name + _SUFFIX: value for name, value in tasks[part].items()}
        changed[layout.TASKS] = tasks
    return edited(source, target, changed)


def hash_of(bundle: Path) -> str:
    """What the server names it by."""
    return hashlib.sha256((bundle / layout.MANIFEST).read_bytes()).hexdigest()


def _cut(case: Case) -> None:
    name = case.rng.choice([*layout.SERVING])
    case.put(name, case.read(name)[: case.rng.randrange(len(case.read(name)))])


def _cut_manifest(case: Case) -> None:
    case.put(layout.MANIFEST, case.read(layout.MANIFEST)[:-20])


def _other_hash(case: Case) -> None:
    name = case.rng.choice([*layout.SERVING])
    content = bytearray(case.read(name))
    content[case.rng.randrange(len(content))] ^= 1
    case.put(name, bytes(content))


def _missing(case: Case) -> None:
    (case.folder / case.rng.choice((*layout.SERVING, layout.MANIFEST))).unlink()


OWN: tuple[Callable[[Case], None], ...] = (_cut, _cut_manifest, _other_hash, _missing)


def broken(source: Path, folder: Path, count: int, rng: random.Random) -> list[tuple[str, Path]]:
    """`count` bundles that no command would read, and how they were made; half of them by OWN."""
    hostile = [
        one
        for one in TECHNIQUES
        if "recommend" in one.roads and "default" in one.bases and one.as_zip is not True
    ]
    graphs = [one for one in hostile if one.spoil.__module__.endswith("in_graphs")]
    found = []
    for number in range(count):
        case = Case(copy(source, folder / f"broken-{number}" / "bundle"), rng)
        if number % 2:
            one = rng.choice(graphs if number % 4 == 1 else hostile)
            one.spoil(case)
            if case.sealed and case.path == case.folder:
                case.seal()
            found.append((one.name, case.path))
        else:
            own = OWN[number // 2 % len(OWN)]
            own(case)
            found.append((own.__name__.strip("_"), case.path))
    return found


class Asking:
    """Requests by a clock, and what came of them. `names` are the careers of each bundle."""

    def __init__(self, port: int, rate: float, names: dict[str, frozenset[str]]) -> None:
        self._port, self._rate, self._names = port, rate, names
        self.statuses: Counter[int] = Counter()
        self.by: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.mixed: list[str] = []

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Ask until the block ends; then wait for the last answers."""
        clock = asyncio.create_task(self._clock())
        try:
            yield
        finally:
            clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await clock
            await asyncio.gather(*self._running)

    async def _clock(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        begun = time.monotonic()
        for number in range(sys.maxsize):
            await asyncio.sleep(max(0.0, begun + number / self._rate - time.monotonic()))
            task = asyncio.create_task(self._one(number))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _one(self, number: int) -> None:
        answer = await send(self._port, _ASKED[number % len(_ASKED)])
        self.statuses[answer.status] += 1
        self.seconds.append(answer.seconds)
        if answer.status == 200:
            self.by[answer.bundle] += 1
            if wrong := mixed(answer, self._names):
                self.mixed.append(wrong)


def mixed(answer: Answer, names: dict[str, frozenset[str]]) -> str:
    """What in an answer is not of the bundle that its header names; "" if all is."""
    if answer.bundle not in names:
        return f"an unknown bundle {answer.bundle!r}"
    body, text = answer.json(), answer.body.decode()
    told = set(re.findall(r'"(?:career|label)":"([^"]*)"', text))
    if strange := told - names[answer.bundle]:
        return f"careers of another bundle: {sorted(strange)[:3]}"
    hashes = [body.get("bundle"), body.get("model")] if isinstance(body, dict) else []
    if any(one and one.removeprefix("vocation-") not in answer.bundle for one in hashes):
        return f"header and body name two bundles: {hashes}"
    return "" if told or hashes else "an answer without careers"


async def _until(what: str, is_so: Callable[[Answer, str], bool], port: int) -> Answer:
    """Ask until `is_so` of the answer and the metrics. Raises RuntimeError after _LATE_S."""
    late = time.monotonic() + _LATE_S
    while time.monotonic() < late:
        health = await send(port, _HEALTH)
        metrics = await send(port, request(path="/metrics", method="GET"))
        if is_so(health, metrics.body.decode()):
            return health
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{what}: not within {_LATE_S} s")


def _refused(metrics: str) -> int:
    found = re.search(r'vocation_swaps_total\{result="refused"\} (\d+)', metrics)
    return int(found[1]) if found else 0


def point(link: Path, target: Path) -> None:
    """Let `link` lead to `target`, in one step."""
    new = link.with_name("new")
    new.symlink_to(target)
    os.replace(new, link)


async def campaign(
    server: Server,
    link: Path,
    good: Sequence[Path],
    bad: Sequence[tuple[str, Path]],
    args: argparse.Namespace,
) -> int:
    """Swap, print what came of it; return how many promises are broken."""
    names = {
        hash_of(one): frozenset(
            career["name"] for career in json.loads((one / layout.PROFILES).read_text("utf-8"))
        )
        for one in good
    }
    asking, trouble, before = Asking(server.port, args.rate, names), [], server.memory()
    most, current = before, good[0]
    async with asking.going_on():
        for number in range(args.swaps):
            current = good[(number + 1) % 2]
            point(link, current)
            if number % 2:
                server.look()
            wanted = hash_of(current)
            try:
                await _until("swap", lambda it, _, wanted=wanted: it.bundle == wanted, server.port)
            except RuntimeError as error:
                trouble.append(f"swap {number}: {error}")
            most = max(most, server.memory())
        for number, (technique, bundle) in enumerate(bad, 1):
            point(link, bundle)
            if number % 2:
                server.look()
            try:
                health = await _until(
                    technique, lambda _, text, least=number: _refused(text) >= least, server.port
                )
                if health.bundle != hash_of(current):
                    trouble.append(f"{technique}: it is in use")
            except RuntimeError as error:
                trouble.append(str(error))
        point(link, current)
    total, failed = asking.statuses.total(), asking.statuses.total() - asking.statuses[200]
    print(f"{total} requests at {args.rate:g} a second: {failed} failed {dict(asking.statuses)},")
    print(f"{len(asking.mixed)} mixed {asking.mixed[:3] or ''}; by bundle {[*asking.by.values()]}")
    print(f"{args.swaps} swaps, {len(bad)} broken bundles: {', '.join(name for name, _ in bad)}")
    print(
        f"p50 {share(asking.seconds, 0.5) * 1000:.0f}, p99 {share(asking.seconds, 0.99) * 1000:.0f} ms;",
        end=" ",
    )
    print(f"memory before {before:.0f}, most {most:.0f}, after {server.memory():.0f} MB")
    if not server.alive():
        trouble.append("the server has ended")
    for text in trouble:
        print(f"  BROKEN: {text}")
    return failed + len(asking.mixed) + len(trouble)


def run(bundle: Path, root: Path, args: argparse.Namespace) -> int:
    """Make the bundles below `root`, and swap them; return how many promises are broken."""
    first = copy(bundle, root / "first" / "bundle")
    good = [first, relabelled(first, root / "second")]
    for one in good:
        Recommender.load(one)  # a bundle that is refused would never come into use
    # Of the one that is not in use at the end: the same manifest would be taken for the same bundle.
    bad = broken(good[(args.swaps + 1) % 2], root, args.broken, random.Random(args.seed))
    link = root / "current"
    point(link, first)
    with Server(link, root / "streams", "--queue", "100") as server:
        return asyncio.run(campaign(server, link, good, bad, args))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if a promise is broken."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", type=Path, default=Path("models"))
    options.add_argument("--swaps", type=int, default=50)
    options.add_argument("--broken", type=int, default=20)
    options.add_argument("--rate", type=float, default=20, help="requests a second")
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args(arguments)
    # On the bundle's own file system: the copies are hard links.
    with tempfile.TemporaryDirectory(dir=args.bundle.resolve().parent) as name:
        return 1 if run(args.bundle.resolve(), Path(name), args) else 0


if __name__ == "__main__":
    sys.exit(main())
