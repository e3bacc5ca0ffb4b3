"""Canaries in requests: does `vocation serve` say or keep what somebody has sent?

    python fuzz/api_leaks.py [--bundle models] [--requests 1000] [--malformed 300] [--seed 0]

Unique words go into texts, answers, names, queries, paths, headers, keys and forms, and into
broken JSON, broken HTTP and wrong types. Then they are looked for in both streams of the server, in
its metrics, in every answer that is not 200 and every head of an answer, in the answers of status
200 outside of `clauses` and of what --explain quotes, and in every file that was written meanwhile
below the server's home, its folder for temporary files and the place where it was started. Exit
status 1 if one is found. Linux alone. Copy the last lines with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from api_server import Answer, Server, request, send
from privacy import canary, found_in

_KEY = "a-key-that-lets-through"
_BEARER = ("Authorization", f"Bearer {_KEY}")
_QUOTING = ("clauses", "because", "against")  # what an answer must quote of its text
_SAID = (
    "I bake bread with {0}. I hate {0} and I was a {0} before. My name is {0}, {0}@mail.example."
)

Made = Callable[[str, random.Random], bytes]


def _sent(body: object, path: str = "/v1/recommend", **more: Any) -> bytes:
    return request(body, path, headers=[_BEARER, *more.pop("headers", ())], **more)


def _text(word: str) -> str:
    return _SAID.format(word)


def well_formed(word: str, rng: random.Random) -> bytes:
    """A request with `word` in some of its places, nearly always one that is answered."""
    text = _text(word)
    ways: list[Callable[[], bytes]] = [
        lambda: _sent({"text": text}),
        lambda: _sent({"text": f"{word} {word}"}),
        lambda: _sent({"text": text, "explain": True}),
        lambda: _sent({"texts": [text, word], "top_k": 3}),
        lambda: _sent({"text": "I like people", "answer": f"more with {word}"}),
        lambda: _sent({"text": text, "exclude": [word]}),
        lambda: _sent({"text": text, "only": [f"{word} baker", word.lower()]}),
        lambda: _sent({"text": text, "stances": {"0": "want"}}),
        lambda: _sent({"text": f"I want to kill myself, {word}"}),
        lambda: _sent({"inputs": text}, "/predict"),
        lambda: _sent({"inputs": [[text]], "truncate": True}, "/predict"),
        lambda: _sent({"input": [text], "model": word}, "/v1/classify"),
        lambda: _sent(b"", f"/v1/careers?q={quote(text[:150])}", method="GET"),
        lambda: _sent(b"", f"/v1/careers?family={word}&{word}={word}", method="GET"),
        lambda: _sent(b"", f"/v1/careers/{quote(word)}", method="GET"),
        lambda: _sent(b"", f"/{word}/{word}?{word}", method="GET"),
        lambda: _sent({"text": "a"}, headers=[(f"X-{word}", word), ("User-Agent", word)]),
        lambda: _sent({"text": "a"}, headers=[("Referer", f"http://{word}/"), ("Cookie", word)]),
        lambda: request({"text": text}, headers=[("Authorization", f"Bearer {word}")]),
        lambda: request({"text": text}, f"/v1/recommend?key={word}"),
        lambda: request(b"", "/metrics", "GET", headers=[("Authorization", f"Basic {word}")]),
    ]
    return rng.choice(ways)()


def malformed(word: str, rng: random.Random) -> bytes:
    """A request that nobody can answer, with `word` in it."""
    text = _text(word)
    whole = json.dumps({"text": text}).encode()
    cut = rng.randrange(20, len(whole))
    ways: list[Callable[[], bytes]] = [
        lambda: _sent(whole[:cut]),
        lambda: _sent(whole + word.encode()),
        lambda: _sent(whole.replace(b'":', b'" ', 1)),
        lambda: _sent(b'{"text": "' + word.encode() + b'\xff"}'),
        lambda: _sent({word: text}),
        lambda: _sent({"text": {word: text}}),
        lambda: _sent({"text": [text]}),
        lambda: _sent({"text": text, "texts": [text]}),
        lambda: _sent({"texts": [text] * 33}),
        lambda: _sent({"texts": [text], "answer": text}),
        lambda: _sent({"text": "a", "top_k": text}),
        lambda: _sent({"text": "a", "explain": text, "hear": [word]}),
        lambda: _sent({"text": "a", "stances": {word: "want", "0": word}}),
        lambda: _sent({"text": "a", "stances": {"999": "want"}, "answer": text}),
        lambda: _sent({"text": "a", "exclude": text}),
        lambda: _sent({"text": "a", "only": [{word: word}, word * 30]}),
        lambda: _sent({"inputs": {word: text}, "raw_scores": word}, "/predict"),
        lambda: _sent({"inputs": [[text, text]]}, "/predict"),
        lambda: _sent({"input": [text, 1]}, "/v1/classify"),
        lambda: _sent(text.encode()),
        lambda: _sent(f'"{text}"'.encode()),
        lambda: _sent(f"text={word}".encode(), headers=[("Content-Type", f"text/{word}")]),
        lambda: _sent(whole, headers=[("Content-Type", f"multipart/form-data; boundary={word}")]),
        lambda: _sent(whole, headers=[("Content-Length", word)]),
        lambda: _sent(whole, headers=[("Content-Length", str(cut)), ("Content-Length", "1")]),
        lambda: _sent(whole, headers=[("Transfer-Encoding", word)]),
        lambda: _sent(whole, headers=[("Transfer-Encoding", "chunked")]),
        lambda: _sent(whole, headers=[(f"X {word}", word)]),
        lambda: _sent(whole, method=word),
        lambda: _sent(whole, f"/v1/{word} {word}"),
        lambda: _sent(whole, f"/v1/recommend#%{word}"),
        lambda: _sent(b"", f"/v1/careers?q={word * 20}", method="GET"),
        lambda: _sent(b"", f"/v1/careers/%ff{word}%00", method="GET"),
        lambda: _sent(b"", f"/v1/model?{word}", method="DELETE"),
        lambda: f"{word}\r\n\r\n".encode(),
        lambda: f"GET /{word} HTTP/{word}\r\n\r\n".encode(),
        lambda: _sent(b'{"text": "' + word.encode() * 80_000 + b'"}'),
    ]
    return rng.choice(ways)()


def told_by(answer: Answer) -> str:
    """All of an answer but what it must quote of its text."""
    body = answer.body.decode("utf-8", "replace")
    if answer.status == 200:
        with contextlib.suppress(ValueError):
            body = json.dumps(_without(json.loads(body)))
    return f"{dict(answer.headers)}\n{body}"


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(one) for key, one in value.items() if key not in _QUOTING}
    return [_without(one) for one in value] if isinstance(value, list) else value


async def ask(port: int, made: Made, words: Sequence[str], rng: random.Random) -> list[Answer]:
    """Send a request with each of `words`, a few at a time, until none is refused for its load."""
    places = asyncio.Semaphore(4)

    async def one(content: bytes) -> Answer:
        async with places:
            while (answer := await send(port, content, timeout=15)).status == 429:
                await asyncio.sleep(0.1)
            return answer

    return await asyncio.gather(*(one(made(word, rng)) for word in words))


def campaign(bundle: Path, root: Path, requests: int, wrong: int, seed: int) -> int:
    """Print what was sent and found below `root`; return how many canaries were found."""
    rng = random.Random(seed)
    words = [canary(rng) for _ in range(requests + wrong)]
    with Server(bundle, root / "streams", keys=[_KEY]) as server:
        good = asyncio.run(ask(server.port, well_formed, words[:requests], rng))
        bad = asyncio.run(ask(server.port, malformed, words[requests:], rng))
        metrics = asyncio.run(send(server.port, _sent(b"", "/metrics", method="GET")))
        alive = server.alive()
    said = server.said()
    places = {
        "streams": [said],
        "metrics": [metrics.body.decode()],
        "answers": [told_by(one) for one in (*good, *bad)],
        "files": found_in(root, words),
    }
    failures = 0
    for label, answers in (("requests", good), ("malformed requests", bad)):
        statuses = Counter(one.status for one in answers)
        print(f"{len(answers)} {label}: {dict(sorted(statuses.items()))}")
        failures += sum(count for status, count in statuses.items() if status >= 500)
    for place, texts in places.items():
        lower = [text.lower() for text in texts]
        hits = (
            texts if place == "files" else [w for w in words if any(w.lower() in t for t in lower)]
        )
        failures += len(hits)
        print(f"canaries in {place}: {len(hits)} {hits[:3] if hits else ''}")
    for one in (_KEY,) if _KEY in said + metrics.body.decode() else ():
        failures += 1
        print(f"the key is told: {one}")
    if not alive or metrics.status != 200:
        failures += 1
        print("the server has ended")
    return failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was found."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", type=Path, default=Path("models"))
    options.add_argument("--requests", type=int, default=1000)
    options.add_argument("--malformed", type=int, default=300)
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        # The server's home and its folder for temporary files are below the one that is searched.
        os.environ |= {"HOME": name, "TMPDIR": name, "XDG_CACHE_HOME": name}
        bundle = args.bundle.resolve()
        os.chdir(name)
        return 1 if campaign(bundle, Path(name), args.requests, args.malformed, args.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
