"""What the campaigns against the API share: `vocation serve` in a process of its own, and a client
that sends any bytes. Linux alone: memory is read in /proc.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
_TICK = os.sysconf("SC_CLK_TCK")
_STARTS_S = 60


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where the connection ended without one; `seconds` go from the first byte sent
    to the last one read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def bundle(self) -> str:
        """The hash of the bundle that answered."""
        return self.headers.get("x-vocation-bundle", "")

    def json(self) -> Any:
        """The body as a value."""
        return json.loads(self.body)


class Server:
    """`vocation serve` on a free port until the `with` block ends; its streams go to files."""

    def __init__(self, bundle: Path, folder: Path, *options: str, keys: Sequence[str] = ()) -> None:
        """`folder` gets out.txt and err.txt, and the file of `keys`."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if keys:
            (folder / "keys.txt").write_text("\n".join(keys), "utf-8")
            options = (*options, "--api-key-file", str(folder / "keys.txt"))
        with socket.create_server((HOST, 0)) as free:
            self.port: int = free.getsockname()[1]
        self._command = [sys.executable, "-m", "vocation.cli", "serve", "--bundle", str(bundle)]
        self._command += ["--port", str(self.port), *options]

    def __enter__(self) -> Server:
        with (self.folder / "out.txt").open("wb") as out, (self.folder / "err.txt").open("wb") as e:
            self.process = subprocess.Popen(self._command, stdout=out, stderr=e)
        late = time.monotonic() + _STARTS_S
        while time.monotonic() < late:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"the server did not start: {self.said()[-500:]}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def look(self) -> None:
        """Ask it to load its bundle again."""
        self.process.send_signal(signal.SIGHUP)

    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process.poll() is None

    def said(self) -> str:
        """All that it has written to its streams."""
        return "".join(
            (self.folder / name).read_text("utf-8", "replace") for name in ("out.txt", "err.txt")
        )

    def memory(self) -> float:
        """Resident memory in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000

    def cpu(self) -> float:
        """Seconds of computing so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / _TICK


def request(
    body: bytes | object = b"",
    path: str = "/v1/recommend",
    method: str = "POST",
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The bytes of a request after which the connection ends; `body` is JSON if it is no bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if "connection" not in names:
        lines.append("Connection: close")
    if content and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(content)}")
    if content and "content-type" not in names:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


async def send(port: int, sent: bytes, timeout: float = 30, half: bool = False) -> Answer:
    """Send bytes, and read until the server ends the connection; `half` closes our side first."""
    begun = time.perf_counter()
    received = bytearray()
    # What came before a reset, or before the time is over, counts.
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(sent)
                if half:
                    writer.write_eof()
                while part := await reader.read(65536):
                    received += part
            finally:
                writer.close()
    return parsed(bytes(received), time.perf_counter() - begun)


def parsed(received: bytes, seconds: float = 0.0) -> Answer:
    """The first answer in the bytes of a connection, with all bytes after its head as its body."""
    head, _, body = received.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):  # "go on": not the answer yet
        head, _, body = body.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":")[::2] for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    words = first.split()
    status = int(words[1]) if len(words) > 1 and words[0].startswith("HTTP/") else 0
    return Answer(status, headers, body, seconds)


def share(values: Sequence[float], part: float) -> float:
    """The value below which `part` of `values` lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
