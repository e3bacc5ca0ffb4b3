"""`vocation serve` under more requests than it can answer: statuses, latency, memory.

    python benchmarks/serving_load.py [--bundle models] [--seconds 60] [--times 1 2 5] [--queue N]

Requests come by a clock at random moments (Poisson) and wait for no answer: at 1, 2 and 5 times
what the server answers to as many clients as it has cores. Promises: no status but 200 and 429;
the 99th percentile of the accepted ones at most 3 x (queue / cores + 1) x the median without load;
at most 50 MB more memory; 5 seconds later all is as before. Exit status 1 where one is broken.

Server and generator share the cores: the generator takes its part of what the server could have,
and its own delay is in the latencies, which begin at the moment of the clock. "delay" shows it.
Linux alone. Copy the table with the command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz"))

from api_server import Server, request, send, share

FACTOR, MORE_MB, REST_S = 3, 50, 5
_USUAL = 1.5  # times the median without load: the load is gone
_WORDS = (
    "I love programming and building web applications",
    "I like to repair engines with my uncle",
    "caring for old people makes me happy",
    "at school I was good at maths and physics",
    "I would like to work outside with plants",
    "I enjoy cooking for many guests",
    "I draw and design posters for our club",
)


@dataclass
class Load:
    """What came of the requests at one rate."""

    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    most_mb: float = 0.0
    cpu: float = 0.0
    own_cpu: float = 0.0


def requests(rng: random.Random, count: int = 200) -> list[bytes]:
    """Requests with texts of about 20 words."""
    return [request({"text": ". ".join(rng.sample(_WORDS, 3))}) for _ in range(count)]


async def one_by_one(port: int, sent: Sequence[bytes], count: int) -> list[float]:
    """Seconds of each of `count` requests without any other. Raises RuntimeError for a refusal."""
    found = []
    for i in range(count):
        answer = await send(port, sent[i % len(sent)])
        if answer.status != 200:
            raise RuntimeError(f"a request alone got status {answer.status}")
        found.append(answer.seconds)
    return found


async def capacity(port: int, sent: Sequence[bytes], clients: int, seconds: float) -> float:
    """Answers a second to `clients` that ask again as soon as they are answered."""
    end, count = time.perf_counter() + seconds, 0

    async def ask() -> None:
        nonlocal count
        while time.perf_counter() < end:
            count += (await send(port, sent[count % len(sent)])).status == 200

    await asyncio.gather(*(ask() for _ in range(clients)))
    return count / seconds


async def load(
    server: Server, sent: Sequence[bytes], rate: float, seconds: float, rng: random.Random
) -> Load:
    """`rate` requests a second for `seconds`, each at its moment whatever became of the others."""
    found, running = Load(most_mb=server.memory()), set()
    begun, cpu, own = time.perf_counter(), server.cpu(), time.process_time()

    async def ask(moment: float, content: bytes) -> None:
        found.delays.append(time.perf_counter() - begun - moment)
        answer = await send(server.port, content)
        found.statuses[answer.status] += 1
        if answer.status == 200:
            found.accepted.append(time.perf_counter() - begun - moment)

    async def watch() -> None:
        while True:
            found.most_mb = max(found.most_mb, server.memory())
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    moment, count = rng.expovariate(rate), 0
    while moment < seconds:
        await asyncio.sleep(max(0.0, moment - (time.perf_counter() - begun)))
        task = asyncio.create_task(ask(moment, sent[count % len(sent)]))
        running.add(task)
        task.add_done_callback(running.discard)
        moment, count = moment + rng.expovariate(rate), count + 1
    await asyncio.gather(*running)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    found.cpu, found.own_cpu = server.cpu() - cpu, time.process_time() - own
    return found


def broken(found: Load, most_ms: float, more_mb: float, usual: bool) -> list[str]:
    """The promises that a load has broken."""
    slow = share(found.accepted, 0.99) * 1000
    return [
        text
        for text, wrong in (
            (f"statuses {dict(found.statuses)}", bool(found.statuses.keys() - {200, 429})),
            ("nothing was answered", not found.accepted),
            (f"p99 {slow:.0f} ms, {most_ms:.0f} promised", slow > most_ms),
            (f"{more_mb:.0f} MB more", more_mb > MORE_MB),
            (f"slow {REST_S} s later", not usual),
        )
        if wrong
    ]


async def campaign(server: Server, args: argparse.Namespace) -> int:
    """Print the table; return how many promises are broken."""
    rng = random.Random(args.seed)
    sent, cores = requests(rng), len(os.sched_getaffinity(0))
    queue = 4 * cores if args.queue is None else args.queue
    await one_by_one(server.port, sent, args.alone)
    median = statistics.median(await one_by_one(server.port, sent, args.alone))
    most = await capacity(server.port, sent, cores, args.seconds / 6)
    before, most_ms = server.memory(), FACTOR * (queue / cores + 1) * median * 1000
    print(f"{platform.machine()}, {cores} cores for server and generator, queue {queue}, load of")
    print(f"the machine before {os.getloadavg()[0]:.1f}; without load: median {median * 1000:.1f}")
    print(f"ms; {cores} clients: {most:.0f} answers a second; p99 promised: {most_ms:.0f} ms\n")
    print(
        "| rate | sent a second | 200 | 429 | other | p50 | p95 | p99 | delay p99 | more memory",
        end="",
    )
    print(f" | median {REST_S} s later | server, generator CPU |\n{'|---' * 12}|")
    failures = 0
    for times in args.times:
        found = await load(server, sent, times * most, args.seconds, rng)
        await asyncio.sleep(REST_S)
        after = statistics.median(await one_by_one(server.port, sent, args.alone))
        more = max(found.most_mb, server.memory()) - before
        milliseconds = " | ".join(
            f"{1000 * share(values, part):.0f} ms"
            for values, part in (
                *((found.accepted, part) for part in (0.5, 0.95, 0.99)),
                (found.delays, 0.99),
            )
        )
        total = found.statuses.total()
        other = total - found.statuses[200] - found.statuses[429]
        print(
            f"| {times:g}x | {total / args.seconds:.0f} | {found.statuses[200]:,} |"
            f" {found.statuses[429]:,} | {other:,} | {milliseconds} | {more:.0f} MB |"
            f" {after * 1000:.1f} ms | {found.cpu:.0f} s, {found.own_cpu:.0f} s |",
            flush=True,
        )
        for promise in broken(found, most_ms, more, after <= _USUAL * median):
            failures += 1
            print(f"  BROKEN at {times:g}x: {promise}")
    return failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load; return 1 if a promise is broken."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", type=Path, default=Path("models"))
    options.add_argument("--seconds", type=float, default=60, help="of each rate (default: 60)")
    options.add_argument("--times", type=float, nargs="+", default=[1, 2, 5], metavar="X")
    options.add_argument("--queue", type=int, help="as for vocation serve")
    options.add_argument("--alone", type=int, default=100, help="requests that tell the median")
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args(arguments)
    more = [] if args.queue is None else ["--queue", str(args.queue)]
    with (
        tempfile.TemporaryDirectory() as name,
        Server(args.bundle, Path(name), *more) as server,
    ):
        return 1 if asyncio.run(campaign(server, args)) else 0


if __name__ == "__main__":
    sys.exit(main())
