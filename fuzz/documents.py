"""Hostile PDF, Word and text files through the reader of resumes: each must be read or refused in
one sentence, within 15 seconds and a bound of memory; none may run, look anything up or write.

    python fuzz/documents.py [--count 300] [--seed 0] [--only PART]

The addresses in the files lead to a listener of this program, their scripts would make a file.
Where the system allows a network of one's own (unshare), every look-up of a name is watched, too.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import documents

from vocation.errors import VocationError
from vocation.serving.documents import read_document

MOST_SECONDS, MOST_MEMORY = 15.0, 800 * 2**20  # the child may take 768 MB of addresses
_WATCH = Path(__file__).parents[1] / "tests" / "name_lookups.py"


def listen() -> tuple[str, list[str]]:
    """The address that the files name, and who came there."""
    server = socket.create_server(("127.0.0.1", 0))
    came: list[str] = []

    def wait() -> None:
        while True:
            visitor, _ = server.accept()
            came.append(str(visitor))
            visitor.close()

    threading.Thread(target=wait, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}/a.dtd", came


def read(content: bytes) -> tuple[str, str]:
    """How reading ended, and what was wrong with that."""
    start = time.perf_counter()
    try:
        text = read_document(content)
        end, wrong = "read", "" if isinstance(text, str) and text.strip() else "an empty text"
    except VocationError as error:
        told = str(error)
        one = "\n" not in told and 20 < len(told) < 200
        end, wrong = "refused", "" if one else f"no sentence: {told[:300]!r}"
    except Exception as error:  # the very thing that is looked for
        end, wrong = "failed", f"raised {type(error).__name__}: {str(error)[:200]}"
    seconds = time.perf_counter() - start
    return end, wrong or (f"took {seconds:.1f} s" if seconds > MOST_SECONDS else "")


def campaign(count: int, seed: int, only: str, lure: str, folder: Path) -> list[str]:
    """What was wrong with `count` documents and with the honest ones between them."""
    trap = folder / "trap"
    kinds = {
        name: make for name, make in documents.hostile(lure, str(trap)).items() if only in name
    }
    honest = {"pdf": documents.pdf(), "docx": documents.docx(), "txt": documents.WORDS.encode()}
    ends: Counter[str] = Counter()
    wrong, slowest = [], (0.0, "")
    for number in range(count):
        name = list(kinds)[number % len(kinds)]
        content = kinds[name](random.Random(seed * 1_000_003 + number))
        start = time.perf_counter()
        end, bad = read(content)
        slowest = max(slowest, (time.perf_counter() - start, name))
        ends[end] += 1
        if bad:
            wrong.append(f"{number} {name}: {bad}")
        if number % 50 == 0:
            wrong += [
                f"{number} an honest {kind} file was not read"
                for kind, content in honest.items()
                if read_document(content).strip() != documents.WORDS
            ]
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if most > MOST_MEMORY:
        wrong.append(f"a child took {most / 2**20:.0f} MB")
    if left := sorted(str(path.relative_to(folder)) for path in folder.rglob("*")):
        wrong.append(f"files were written: {left}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"{count} documents of {len(kinds)} kinds: {dict(ends)}; the slowest {slowest[0]:.1f} s"
        f" ({slowest[1]}); at most {most / 2**20:.0f} MB in the child, {own / 2**20:.0f} MB here"
    )
    return wrong


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", default="", help="part of a kind's name")
    options.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    args = options.parse_args()
    unshare = shutil.which("unshare")
    if not args.watched and unshare:
        own = [unshare, "-rn", sys.executable]
        if subprocess.run([*own, "-c", ""], capture_output=True, check=False).returncode == 0:
            again = [sys.executable, __file__, *sys.argv[1:], "--watched"]
            done = subprocess.run(
                [*own, str(_WATCH), "7200", *again], stdout=subprocess.PIPE, text=True, check=False
            )
            names = done.stdout.split()
            print(f"names looked up: {', '.join(names) or 'none'}")
            return 1 if names else done.returncode
    lure, came = listen()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        os.environ["TMPDIR"] = tempfile.tempdir = name
        wrong = campaign(args.count, args.seed, args.only, lure, Path(name))
        os.chdir("/")
    wrong += [f"somebody came: {one}" for one in came]
    print("\n".join(wrong) or "nothing wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
