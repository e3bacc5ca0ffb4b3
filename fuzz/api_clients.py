"""Clients that are slow, endless, wrong or hostile, beside an ordinary one: `vocation serve` lives,
stays small and goes on answering.

    python fuzz/api_clients.py [--bundle models] [--clients 200] [--seconds 20] [--only NAME]

Each attack goes on while an ordinary client, a process of its own, asks 20 times a second.
Promises: only the statuses that the attack deserves (0: closed without an answer), and 429; every
ordinary request is answered; the 99th percentile of their times at most doubles, against the
seconds right before; at most 100 MB more memory. Exit status 1 where one is broken. Server, client
and attackers share the cores. Linux alone. Copy the table with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import resource
import socket
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from api_server import HOST, Server, parsed, request, send, share

MORE_MB, SLOWER = 100, 2
# The limits of vocation.api.limits allow bodies of 32 MB in all, once as bytes and for a moment twice;
# the rest is for values made of them, connections and fragmentation.
_EVERY_S = 0.05
_TEXT = b'{"text":"I like fixing cars with my uncle, and maths."}'
ORDINARY = request(_TEXT)
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)

Statuses = Counter[int]


@dataclass(frozen=True)
class Attack:
    """`run` gets the port, the number of clients and the seconds that it shall go on."""

    name: str
    run: Callable[[int, int, float], Awaitable[Statuses]]
    allowed: frozenset[int]


ATTACKS: list[Attack] = []


def attack(
    *statuses: int,
) -> Callable[
    [Callable[[int, int, float], Awaitable[Statuses]]],
    Callable[[int, int, float], Awaitable[Statuses]],
]:
    """Enter a function into the list, with the statuses that it deserves."""

    def enter(
        run: Callable[[int, int, float], Awaitable[Statuses]],
    ) -> Callable[[int, int, float], Awaitable[Statuses]]:
        ATTACKS.append(Attack(run.__name__, run, frozenset((*statuses, 429))))
        return run

    return enter


async def _dripped(port: int, first: bytes, drops: Iterable[bytes], seconds: float) -> int:
    """Send `first`, then a piece a second; return the status. Connects again if it is cut."""
    end, received = time.monotonic() + seconds, b""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(first)
        for drop in drops:
            with contextlib.suppress(TimeoutError):
                received += (part := await asyncio.wait_for(reader.read(65536), 1))
                if not part:
                    break
            if time.monotonic() > end:
                break
            writer.write(drop)
        writer.close()
    return parsed(received).status


async def _clients(count: int, one: Callable[[], Awaitable[int]]) -> Statuses:
    return Counter(await asyncio.gather(*(one() for _ in range(count))))


async def _each(
    port: int, requests: Sequence[bytes], seconds: float, patience: float = 30
) -> Statuses:
    """Send all of `requests`, spread evenly over `seconds`, each for `patience` seconds at most."""

    async def one(number: int, content: bytes) -> int:
        await asyncio.sleep(seconds * number / len(requests))
        return (await send(port, content, patience)).status

    return Counter(await asyncio.gather(*itertools.starmap(one, enumerate(requests))))


@attack(0, 400, 408)
async def slow_heads(port: int, clients: int, seconds: float) -> Statuses:
    """Slowloris: a header a second, and never the end of the head."""
    first = b"POST /v1/recommend HTTP/1.1\r\nHost: localhost\r\n"
    drops = (b"X-%d: a\r\n" % i for i in itertools.count())
    return await _clients(clients, lambda: _dripped(port, first, drops, seconds))


@attack(0, 400, 408)
async def slow_bodies(port: int, clients: int, seconds: float) -> Statuses:
    """A byte of the body a second."""
    first = request(_TEXT, headers=[("Content-Length", "5000")])
    return await _clients(clients, lambda: _dripped(port, first, itertools.repeat(b" "), seconds))


@attack(0)
async def silent(port: int, clients: int, seconds: float) -> Statuses:
    """Connections without a byte."""
    return await _clients(clients, lambda: _dripped(port, b"", itertools.repeat(b""), seconds))


@attack(0)
async def deaf(port: int, clients: int, seconds: float) -> Statuses:
    """Ask again and again on one connection, and read nothing."""

    async def one(number: int) -> int:
        with contextlib.suppress(OSError), socket.socket() as plain:
            # A small window, so that the answers stay with the server.
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.setblocking(False)
            await asyncio.sleep(seconds / 2 * number / clients)
            await asyncio.get_running_loop().sock_connect(plain, (HOST, port))
            more = [("Connection", "keep-alive")]
            plain.send(request(path="/openapi.json", method="GET", headers=more) * 100)
            await asyncio.sleep(seconds / 2)
        return 0

    return Counter(await asyncio.gather(*map(one, range(0, clients, 10))))


@attack(0, 408, 413)
async def endless_bodies(port: int, clients: int, seconds: float) -> Statuses:
    """Chunks without end."""
    end = time.monotonic() + seconds
    head = request(b" ", headers=[("Transfer-Encoding", "chunked")])[:-1]
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"

    async def one() -> int:
        answer = b""
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(head)
            reading = asyncio.create_task(reader.read(4096))
            with contextlib.suppress(ConnectionError):
                while time.monotonic() < end and not writer.is_closing() and not reading.done():
                    writer.write(chunk)
                    await writer.drain()
            with contextlib.suppress(ConnectionError, TimeoutError):
                answer = await asyncio.wait_for(reading, 3)
            writer.close()
        return parsed(answer).status

    return await _clients(max(1, clients // 10), one)


@attack(400, 413, 422)
async def million_fields(port: int, clients: int, seconds: float) -> Statuses:
    """A million fields of a form, of JSON, of the query; and as many as a body may hold."""
    form = b"&".join(b"a%d=1" % i for i in range(1_000_000))
    fields = b",".join(b'"a%d":1' % i for i in range(1_000_000))
    cut = (b"{" + fields[: fields.rindex(b",", 0, 999_000)] + b"}").replace(b'"a0":1', b'"text":1')
    stances = b",".join(b'"%d":"want"' % i for i in range(60_000))
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % i for i in range(15_000)
    )
    multipart = [("Content-Type", "multipart/form-data; boundary=x")]
    return await _each(
        port,
        [
            request(form, headers=_FORM),
            request(form[:999_000], headers=_FORM),
            request(b"{" + fields + b"}"),
            request(cut),
            request(cut, path="/predict"),
            request(cut, path="/v1/classify"),
            request(b'{"text":"a","stances":{' + stances + b"}}"),
            request(parts[:990_000] + b"--x--\r\n", headers=multipart),
            request(b'{"texts":[' + b",".join([b"1"] * 400_000) + b"]}"),
            request(b'{"inputs":[' + b",".join([b"[]"] * 300_000) + b"]}", path="/predict"),
            request(b'{"text":"a","only":[' + b",".join([b'"a"'] * 200_000) + b"]}"),
        ],
        seconds,
    )


@attack(0, 200, 400, 408, 413, 422)
async def wrong_lengths(port: int, clients: int, seconds: float) -> Statuses:
    """A length that is too small, too large, twice there, no number, or beside chunks."""

    def sized(*values: str) -> bytes:
        return request(_TEXT, headers=[("Content-Length", value) for value in values])

    chunked = ("Transfer-Encoding", "chunked")
    found = await _each(
        port,
        [
            sized("3"),
            sized("-1"),
            sized("+5"),
            sized("1e3"),
            sized("9" * 400),
            sized(str(2**64 + 55)),
            sized("55", "54"),
            sized("55, 55"),
            sized("1000001"),
            request(_TEXT, headers=[("Content-Length", "55"), chunked]),
            request(_TEXT, headers=[chunked]),
            request(b"ffffffffffffffffff\r\n", headers=[chunked]),
            request(b"-1\r\n", headers=[chunked]),
            request(b"5;" + b"a" * 100_000 + b"\r\n", headers=[chunked]),
            request(_TEXT, headers=[("Transfer-Encoding", "gzip, chunked")]),
        ],
        seconds,
        patience=max(2, seconds),
    )
    # Too large, and the client says that nothing more comes.
    return found + Counter([await _half_closed(port, sized("5000"))])


@attack(0, 200, 400, 404, 422, 431)
async def many_headers(port: int, clients: int, seconds: float) -> Statuses:
    """Many, long and wrong headers, methods and addresses."""
    return await _each(
        port,
        [
            request(_TEXT, headers=[(f"X-{i}", "a") for i in range(10_000)]),
            request(_TEXT, headers=[(f"X-{i}", "a") for i in range(300)]),
            request(_TEXT, headers=[("Cookie", "a" * 1_000_000)]),
            request(_TEXT, headers=[("Content-Type", "a" * 10_000)]),
            request(_TEXT, headers=[("Content-Type", "application/json; charset=utf-\xff")]),
            request(_TEXT, headers=[("Authorization", "Bearer \xff" + "a" * 5_000)]),
            request(_TEXT, headers=[("Expect", "100-continue")]),
            request(_TEXT, headers=[("Host", "a"), ("Host", "b")]),
            request(_TEXT, headers=[("X", "a\x00b")]),
            request(_TEXT, headers=[("Upgrade", "websocket"), ("Connection", "Upgrade")]),
            request(path="/" + "a" * 100_000, method="GET"),
            request(path="/v1/careers/" + "%2e%2e%2f" * 1_000, method="GET"),
            request(path="/v1/careers/%00%ff%ed%a0%80", method="GET"),
            request(path="/v1/careers?q=%ff%00&q=a&family=%ed%a0%80", method="GET"),
            request(path="/v1/careers?" + "&".join(["q=a"] * 3_000), method="GET"),
            request(_TEXT, path="http://elsewhere/v1/recommend"),
            b"GET\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\r\n" * 100_000,
        ],
        seconds,
    )


@attack(400, 413, 422)
async def deep_nesting(port: int, clients: int, seconds: float) -> Statuses:
    """JSON in JSON, to the limit of a body."""
    bodies = [
        b"[" * 499_000 + b"]" * 499_000,
        b"[" * 990_000,
        b'{"text":' * 120_000 + b"1" + b"}" * 1_000,
        b'{"text":' + b"[" * 400_000 + b"]" * 400_000 + b"}",
        b'{"stances":' + b'{"1":' * 100_000 + b'"want"' + b"}" * 100_001,
        b'{"inputs":' + b"[" * 900 + b'"a"' + b"]" * 900 + b"}",
    ]
    paths = ("/v1/recommend", "/predict", "/v1/classify")
    nested = [request(body, path=path) for body in bodies for path in paths]
    return await _each(port, nested, seconds)


@attack(200, 400, 413, 422)
async def numbers_and_strings(port: int, clients: int, seconds: float) -> Statuses:
    """Numbers beyond every type, NaN, half surrogates, other encodings, broken UTF-8."""
    values = ["NaN", "Infinity", "-Infinity", "1e400", "9" * 300, "9" * 900_000, "-1", "0", "1.5"]
    values += ["true", '"5"', "[]", "{}", "2001", "1E-400", "0x10", "00"]
    bodies = [f'{{"text":"I bake bread","top_k":{value}}}'.encode() for value in values]
    strings = [r"\ud800", r"\udc00\ud800", r"\u0000", r"\u202e\u2066", "\u0301" * 50_000, r"\x"]
    strings += ["\U0010ffff" * 5_000, "a" * 900_000, " " * 900_000, "\\n" * 400_000, "\x00", ""]
    for string in strings:
        for field in ("text", "answer"):
            bodies.append(f'{{"text":"a","{field}":"{string}"}}'.encode())
        bodies.append(f'{{"text":"a","exclude":["{string}"],"only":["{string}"]}}'.encode())
        bodies.append(f'{{"text":"a","{string}":1,"stances":{{"{string}":"want"}}}}'.encode())
    keys = ["-1", "9" * 5_000, "1e3", " 1", "\u0661", "1_0"]
    bodies += [f'{{"text":"I bake","stances":{{"{key}":"want"}}}}'.encode() for key in keys]
    bodies += [b'{"text":"\xff\xfe"}', b'{"text":"\xed\xa0\x80"}', b"\xef\xbb\xbf" + _TEXT, b""]
    bodies += [_TEXT.decode().encode("utf-16"), _TEXT.decode().encode("utf-32"), b"null", b"\x00"]
    bodies += [json.dumps({"texts": ["I bake bread"] * 32, "top_k": 2000}).encode(), b'"text"']
    return await _each(port, [*map(request, bodies)], seconds)


@attack(0, 200)
async def pipelined(port: int, clients: int, seconds: float) -> Statuses:
    """As many requests on one connection as there are clients, before the first answer."""
    more = [("Connection", "keep-alive")]
    asked = request(_TEXT, headers=more) * clients + request(path="/health", method="GET")
    return Counter([(await send(port, asked)).status])


@attack(0, 200)
async def half_closed(port: int, clients: int, seconds: float) -> Statuses:
    """A client that has asked and closes its side: it gets its answer, or is cut."""
    answers = await asyncio.gather(
        *(_half_closed(port, request(_TEXT)) for _ in range(5)),
        *(_half_closed(port, request(_TEXT)[:-9]) for _ in range(20)),
        *(_half_closed(port, request(_TEXT)[:30]) for _ in range(20)),
    )
    return Counter(answers)


@attack(0)
async def resets(port: int, clients: int, seconds: float) -> Statuses:
    """Clients that ask and leave with a reset at once, again and again."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 5) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.sendall(request(_TEXT))
            count += 1
        await asyncio.sleep(0.2)
    return Counter({0: count})


async def _half_closed(port: int, content: bytes) -> int:
    return (await send(port, content, half=True)).status


async def ordinary(port: int) -> None:
    """Ask 20 times a second, one request after the other, and print what came of each."""
    while True:
        begun = time.perf_counter()
        answer = await send(port, ORDINARY)
        print(answer.status, answer.seconds, flush=True)
        await asyncio.sleep(max(0.0, _EVERY_S - (time.perf_counter() - begun)))


async def beside(
    port: int, attacking: Callable[[], Awaitable[Statuses]], least: float
) -> tuple[Statuses, list[tuple[int, float]]]:
    """Await an attack, `least` seconds at least, and return its statuses, and status and seconds of
    what an ordinary client was answered, which is a process of its own.
    """
    command = [sys.executable, __file__, "--ordinary", str(port)]
    client = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output = client.stdout
    try:
        if output is None or not await output.readline():  # the first request takes longest
            raise RuntimeError("the ordinary client did not start")
        statuses, _ = await asyncio.gather(attacking(), asyncio.sleep(least))
    finally:
        client.terminate()
    lines = (await output.read()).decode().splitlines()
    await client.wait()
    pairs = [line.split() for line in lines]
    return statuses, [(int(one[0]), float(one[1])) for one in pairs if len(one) == 2]


async def _nothing() -> Statuses:
    return Counter()


async def campaign(
    server: Server, clients: int, seconds: float, only: str | None = None, timed: bool = True
) -> int:
    """Print a line for each attack; return how many promises are broken."""
    print("| attack | statuses | ordinary requests | not 200 | p99 before | p99 | more memory |")
    print("|---" * 7 + "|")
    failures = 0
    for one in ATTACKS:
        if only not in (None, one.name):
            continue
        _, usual = await beside(server.port, _nothing, seconds / 2)
        before = server.memory()
        statuses, found = await beside(
            server.port, lambda one=one: one.run(server.port, clients, seconds), seconds / 2
        )
        more = server.memory() - before
        refused = [status for status, _ in found if status != 200]
        slow, slower = (share([took for _, took in it], 0.99) for it in (usual, found))
        shown = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(
            f"| {one.name} | {shown} | {len(found)} | {len(refused)} | {slow * 1000:.0f} ms |"
            f" {slower * 1000:.0f} ms | {more:.0f} MB |",
            flush=True,
        )
        wrong = {
            "the server has ended": not server.alive(),
            f"statuses {sorted(statuses.keys() - one.allowed)}": statuses.keys() - one.allowed,
            f"ordinary requests got {Counter(refused)}": refused,
            "the ordinary client is more than twice as slow": timed and slower > SLOWER * slow,
            f"{more:.0f} MB more": more > MORE_MB,
        }
        for promise in [text for text, is_so in wrong.items() if is_so]:
            failures += 1
            print(f"  BROKEN by {one.name}: {promise}")
        if not server.alive():
            break
    return failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if a promise is broken."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", type=Path, default=Path("models"))
    options.add_argument("--clients", type=int, default=200, help="of the slow attacks")
    options.add_argument("--seconds", type=float, default=20, help="of the slow attacks")
    options.add_argument("--only", metavar="NAME", choices=[one.name for one in ATTACKS])
    options.add_argument("--ordinary", type=int, help=argparse.SUPPRESS)
    args = options.parse_args(arguments)
    if args.ordinary:
        asyncio.run(ordinary(args.ordinary))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))
    with (
        tempfile.TemporaryDirectory() as name,
        Server(args.bundle, Path(name)) as server,
    ):
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        return 1 if asyncio.run(campaign(server, args.clients, args.seconds, args.only)) else 0


if __name__ == "__main__":
    sys.exit(main())
