"""One command on one bundle in a process of its own, watched: what it opened, ran and took."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation import Recommender
from vocation.bundle import layout
from vocation.cli import main
from vocation.errors import VocationError

from .cases import copy

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "I bake bread and my rolls sell out at the market",
    "I write code in Python and fix bugs for my club",
    "I like people",
]
KILL_AFTER, KILL_ABOVE = 60.0, 3_000_000_000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEVER = (
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.startfile",
    "os.spawn",
    "pty.",
    "socket.",
    "ctypes.",
    "pickle.",
)
_NEVER += (
    "webbrowser.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "sqlite3.",
    "marshal.load",
    "code.__new__",
)
_PATHS = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chown",
    "os.utime",
    "shutil.",
)
# Where the standard library makes code of text that it wrote itself; anything else that becomes
# code came from outside.
_MAKERS = (
    "dataclasses.py",
    "collections/__init__.py",
    "<frozen",
    "functools.py",
    "enum.py",
    "importlib/",
    "runpy.py",
    "typing.py",
    "attr/",
    "ast.py",  # makes trees, which do not run
    "pydantic/",
)


@dataclass
class Result:
    """What came of a command: `status` of the command line (-9: killed), `said` on standard error,
    and `events`: what it should not have done.
    """

    status: int
    said: str
    answer: Any
    seconds: float
    computing: float
    growth: int
    peak: int
    events: list[str]

    @property
    def one_sentence(self) -> bool:
        lines = self.said.strip().splitlines()
        return (
            self.status == 1
            and len(lines) == 1
            and lines[0].startswith("vocation: ")
            and len(lines[0]) < 1200
        )


def _hook(
    events: list[str], readable: tuple[str, ...], writable: tuple[str, ...]
) -> Callable[[str, tuple[Any, ...]], None]:
    busy = False

    def inside(path: Any, roots: tuple[str, ...], follows: bool = True) -> bool:
        if isinstance(path, int) or path is None:
            return True
        folder, name = os.path.split(os.fsdecode(path))
        real = (
            os.path.realpath(os.fsdecode(path))
            if follows
            else os.path.join(os.path.realpath(folder), name)
        )
        return any(real == root or real.startswith(root.rstrip("/") + "/") for root in roots)

    def judge(event: str, args: tuple[Any, ...]) -> str | None:
        if event == "open":
            path, mode, flags = args
            writes = bool((flags or 0) & _WRITES) or any(
                letter in str(mode or "") for letter in "wax+"
            )
            follows = not (flags or 0) & os.O_NOFOLLOW  # with it the system refuses a link
            return (
                None
                if inside(path, writable if writes else readable, follows)
                else f"open {'for writing' if writes else 'for reading'} {str(path)[:120]}"
            )
        if event in ("exec", "compile"):
            name = getattr(args[0], "co_filename", None) if event == "exec" else args[1]
            maker = sys._getframe(2).f_code.co_filename
            known = any(part in maker for part in _MAKERS) or (
                name and (str(name).startswith("<frozen") or inside(name, readable[:3]))
            )
            return None if known else f"{event} of {str(name)[:60]} by {maker[-60:]}"
        if event.startswith("marshal.") and "importlib" in sys._getframe(2).f_code.co_filename:
            return None
        if event in (
            "ctypes.dlopen",
            "ctypes.dlsym",
            "ctypes.dlsym/handle",
        ):  # libraries that are installed look at each other
            library = getattr(args[0], "_name", args[0])
            return None if inside(library, readable[:3]) else f"{event} {library}"
        if event.startswith(_NEVER):
            return f"{event} {str(args)[:100]}"
        if event.startswith(_PATHS) and not all(
            inside(path, writable) for path in args if isinstance(path, str | bytes | os.PathLike)
        ):
            return f"{event} {str(args)[:100]}"
        return None

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        try:
            found = judge(event, args)
            if found and len(events) < 50:
                events.append(found)
        except Exception as error:  # a hook must not change what happens
            events.append(f"the hook itself: {event} {error!r}")
        finally:
            busy = False

    return hook


def _memory(key: str) -> int:
    line = next(
        line
        for line in Path("/proc/self/status").read_text("ascii").splitlines()
        if line.startswith(key)
    )
    return int(line.split()[1]) * 1024


def roads(road: str, path: Path, place: Path) -> Callable[[], int]:
    """The command `road` on the bundle at `path`; `place` is an empty folder for output, beside the
    files that `prepared` made.
    """
    rows, at, out = place.parent / "rows.csv", str(path), str(place / "out")
    columns = ["--text-column", "text"]
    commands = {
        "recommend": ["recommend", *TEXTS, "--bundle", at, "--explain", "--json"],
        "score": ["score", str(rows), *columns, "--output", out + ".csv", "--bundle", at],
        "evaluate": ["evaluate", str(rows), *columns, "--label-column", "career", "--bundle", at],
        "check": ["check", "--bundle", at],
        "pull": ["pull", at, "--output", out],
        "push": ["push", out, "--bundle", at],
        "ensemble": ["ensemble", at, str(place.parent / "good"), "--output", out],
        "start-from": [
            "train",
            str(place.parent / "data"),
            "--start-from",
            at,
            "--output",
            out,
            "--preset",
            "head",
            "--config",
            str(place.parent / "quick.json"),
        ],
    }
    if road in commands:
        return lambda: main(commands[road])

    def page() -> int:
        from utils.model_loader import load_model

        load_model(path).recommend(TEXTS)
        return 0

    return page


def watched(
    work: Callable[[], int], case_root: Path, cache: Path, answer: Callable[[], Any] | None = None
) -> Result:
    """Run `work` in a fork of this process. `answer` is asked afterwards, when it ended well."""
    read, write = os.pipe()
    number = os.fork()
    if not number:
        os.close(read)
        with contextlib.suppress(BaseException):
            _in_child(work, answer, case_root, cache, write)
        os._exit(70)
    os.close(write)
    start, killed = time.monotonic(), False
    parts: list[bytes] = []
    with open(read, "rb", buffering=0) as pipe:
        os.set_blocking(read, False)
        while True:
            part = pipe.read(65536)
            if part == b"":
                break
            if part:
                parts.append(part)
                continue
            with contextlib.suppress(OSError, ValueError, IndexError):
                resident = int(Path(f"/proc/{number}/statm").read_text("ascii").split()[1]) * 4096
                if time.monotonic() - start > KILL_AFTER or resident > KILL_ABOVE:
                    os.kill(number, signal.SIGKILL)
                    killed = True
            time.sleep(0.005)
    _, status = os.waitpid(number, 0)
    if killed or not parts:
        return Result(
            -9,
            f"killed or died ({status})",
            None,
            time.monotonic() - start,
            0.0,
            KILL_ABOVE,
            KILL_ABOVE,
            [],
        )
    return Result(**json.loads(b"".join(parts)))


def _in_child(
    work: Callable[[], int],
    answer: Callable[[], Any] | None,
    case_root: Path,
    cache: Path,
    write: int,
) -> None:
    tempfile.tempdir = str(case_root)
    os.environ["TMPDIR"] = str(case_root)
    said = case_root / "said.txt"
    handle = os.open(said, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stderr, sys.stdout = (open(2, "w", closefd=False), io.StringIO())  # noqa: SIM115 (as long as the process lives)
    os.chdir(case_root)
    installed = tuple({os.path.realpath(place) for place in (sys.prefix, sys.base_prefix)})
    homes = (
        (*installed, str(ROOT))[:3]
        if len(installed) > 1
        else (installed[0], installed[0], str(ROOT))
    )
    inside = (str(case_root), str(cache), "/dev/null")
    base = str(case_root.parent / "base")  # the base model that honest weights name
    events: list[str] = []
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(
            "5", "ascii"
        )  # the highest memory is counted from here
    before, start = _memory("VmRSS:"), time.monotonic()
    sys.addaudithook(
        _hook(
            events,
            (
                *homes,
                *inside,
                base,
                "/proc",
                "/sys",
                "/dev/urandom",
                "/usr/share/zoneinfo",
                "/etc/localtime",
            ),
            inside,
        )
    )
    computed = time.process_time()
    status, trouble = _status(work)
    seconds, computed, peak = (
        time.monotonic() - start,
        time.process_time() - computed,
        _memory("VmHWM:"),
    )
    events = list(events)
    found = answer() if answer and status == 0 else None
    sys.stderr.flush()
    result = Result(
        status,
        said.read_text("utf-8", "replace") + trouble,
        found,
        seconds,
        computed,
        peak - before,
        peak,
        events,
    )
    os.write(write, b"") and None
    data = json.dumps(vars(result)).encode()
    while data:
        data = data[os.write(write, data) :]
    os._exit(0)


def _status(work: Callable[[], int]) -> tuple[int, str]:
    """The exit status of `work`, and what the command line would have said where it was not run
    through it.
    """
    try:
        return work(), ""
    except VocationError as error:
        return 1, f"vocation: {error}\n"
    except SystemExit as error:
        return int(str(error.code or 0)), ""
    except BaseException as error:
        return 3, f"Traceback: {error!r}"


def probabilities(path: Path) -> list[list[float]]:
    """What the bundle at `path` answers to TEXTS."""
    table: list[list[float]] = Recommender.load(path).probabilities(TEXTS).tolist()
    return table


@contextlib.contextmanager
def prepared(base: Path, data: Path, good: Path) -> Iterator[Path]:
    """A folder for one case, with the files that the commands read beside the bundle; `good` is an
    honest bundle for the same careers.
    """
    with tempfile.TemporaryDirectory(prefix="case-", dir=base) as name:
        root = Path(name)
        (root / "place").mkdir()
        copy(good, root / "good")
        (root / "secret.bin").write_bytes(b"\0" * 4096)
        classes = json.loads((data / layout.METADATA).read_bytes())["classes"]
        (root / "rows.csv").write_text(
            "text,career\n"
            + "".join(f"{text},{classes[i % len(classes)]}\n" for i, text in enumerate(TEXTS)),
            "utf-8",
        )
        shutil.copytree(data.parent / "csv", root / "data")
        # A bundle does not choose a folder as its base model: whoever trains names it.
        quick = {
            "num_epochs": 1,
            "min_steps": 2,
            "max_length": 32,
            "base_model": str(base / "base"),
        }
        (root / "quick.json").write_text(json.dumps(quick), "utf-8")
        yield root
