"""Many visitors of the page at once: a real server, and for each visitor a connection as a browser
makes one. Nobody may see another's words; the model must be loaded once; memory must come back.

    python benchmarks/sessions.py [--bundle models] [--at-once 50] [--in-all 200] [--within 30]

Each visitor writes a text of their own with a word that nobody else has. Every message from the
server to them must hold their word alone, and the first career must be the one that vocation names
without the page. Once all press the button as soon as they can, a load that no class makes; then each presses
at a moment of their own `within` so many seconds, while all tabs are open. Linux only: it reads
VmRSS. Prints a table; copy it with the command and the
machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PAGE = Path(__file__).parents[1] / "streamlit_app"
STRINGS = tomllib.loads((PAGE / "strings" / "en.toml").read_text("utf-8"))["match"]
_LOADED = "one model loaded"
_KEPT = 125  # seconds until Streamlit forgets a session whose tab was closed: two minutes
_THEMES = (
    "repair engines, brakes and gearboxes in my uncle's garage",
    "cook for twenty people at the club and bake bread at night",
    "write small programs in Python and build web pages",
    "look after my grandmother and give her the medicine that she needs",
    "draw plans of houses and build models of them from wood",
    "teach younger children to read and to do sums",
    "count the money of our club and write down what we spend",
    "grow vegetables, and I know what plants need",
)


@dataclass
class Visit:
    """What came of a visitor: `seconds` to the answer, and what was `wrong`."""

    seconds: float = 0.0
    busy: bool = False
    wrong: list[str] = field(default_factory=list)


def text_of(number: int) -> tuple[str, str]:
    """A visitor's text, and the word in it that nobody else has."""
    word = f"Zq{number:04d}qz"
    return f"I like to {_THEMES[number % len(_THEMES)]}. My club is called {word}.", word


def serve(bundle: Path) -> None:
    """The page, in this process; each loading of a model is printed."""
    from streamlit.web import cli

    import vocation

    load = vocation.Recommender.load

    def counted(*args: object, **options: object) -> object:
        print(_LOADED, flush=True)
        return load(*args, **options)  # type: ignore[arg-type]

    vocation.Recommender.load = counted  # type: ignore[method-assign, assignment]
    os.environ["VOCATION_BUNDLE"] = str(bundle)
    os.chdir(PAGE)
    sys.argv = ["streamlit", "run", "app.py", "--server.headless", "true", *sys.argv[-4:]]
    cli.main()


class Browser:
    """One tab: a connection, the ids of the box and the button, and all that came."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._known: dict[str, ForwardMsg] = {}
        self.raw = b""
        self.box = self.button = ""

    async def ask(self, text: str) -> list[ForwardMsg]:
        """Write `text` into the box and press the button."""
        return await self.rerun(
            [
                WidgetState(id=self.box, string_value=text),
                WidgetState(id=self.button, trigger_value=True),
            ]
        )

    async def rerun(self, states: list[WidgetState]) -> list[ForwardMsg]:
        """Run the page with the widgets in these states; its messages until it has ended."""
        message = BackMsg()
        message.rerun_script.context_info.locale = "en"
        message.rerun_script.widget_states.widgets.extend(states)
        await self._connection.send(message.SerializeToString())
        found: list[ForwardMsg] = []
        while True:
            raw = await asyncio.wait_for(self._connection.recv(), 120)
            one = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            # Streamlit sends a large message once and names it by its hash afterwards.
            one = self._known[one.ref_hash] if one.WhichOneof("type") == "ref_hash" else one
            self._known[one.hash] = one
            self.raw += one.SerializeToString()
            found.append(one)
            ended = one.WhichOneof("type") == "script_finished"
            if ended and one.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return found


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Browser]:
    """The page in a tab."""
    url = address.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(url, subprotocols=["streamlit"], max_size=None) as connection:  # type: ignore[list-item]
        tab = Browser(connection)
        elements = [one.delta.new_element for one in await tab.rerun([])]
        tab.box = next(
            one.text_area.id for one in elements if one.WhichOneof("type") == "text_area"
        )
        tab.button = next(
            one.button.id
            for one in elements
            if one.WhichOneof("type") == "button" and one.button.label == STRINGS["button"]
        )
        yield tab


async def visit(address: str, number: int, expected: str, within: float) -> Visit:
    """Open the page, write the text of this number, press the button at some moment `within`
    seconds, read the answer, leave when that time is over.
    """
    done, (text, word) = Visit(), text_of(number)
    async with opened(address) as tab:
        pause = random.Random(number).uniform(0, within)
        await asyncio.sleep(pause)
        start = time.perf_counter()
        answer = await tab.ask(text)
        done.seconds = time.perf_counter() - start
        await asyncio.sleep(within - pause)
    shown = " ".join(
        one.delta.new_element.SerializeToString().decode(errors="ignore") for one in answer
    )
    done.busy = STRINGS["busy"][:30] in shown
    if {found.decode() for found in re.findall(rb"Zq\d{4}qz", tab.raw)} != {word}:
        done.wrong.append(f"visitor {number} saw other words than their own")
    if not done.busy and expected not in shown.replace("\\", ""):
        done.wrong.append(f"visitor {number} did not get {expected}")
    if any(one.delta.new_element.HasField("exception") for one in answer):
        done.wrong.append(f"visitor {number} got an error")
    return done


async def wave(address: str, numbers: range, expected: list[str], within: float) -> list[Visit]:
    tasks = (visit(address, one, expected[one % len(_THEMES)], within) for one in numbers)
    return await asyncio.gather(*tasks)


def megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if "VmRSS" in line)


def start(bundle: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, __file__, "--bundle", str(bundle.resolve()), "--serve"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file)
    address = f"http://127.0.0.1:{port}"
    wait_for(address, log)
    return server, address


def wait_for(address: str, log: Path) -> None:
    """Until the server answers. Raises TimeoutError with its log."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(log.read_text())


def row(what: str, visits: list[Visit], memory: float) -> None:
    seconds = sorted(one.seconds for one in visits)
    ninth = seconds[int(0.9 * (len(seconds) - 1))]
    busy = sum(one.busy for one in visits)
    print(
        f"| {what} | {statistics.median(seconds):.2f} | {ninth:.2f} | {seconds[-1]:.2f} | {busy}"
        f" | {memory:.0f} |",
        flush=True,
    )


def measure(address: str, process: int, args: argparse.Namespace, expected: list[str]) -> list[str]:
    """Print the table; what was wrong."""
    at_once: int = args.at_once
    print("| visitors | median s | 90 % s | slowest s | asked to come again | memory MB |")
    print("|---|--:|--:|--:|--:|--:|")
    everybody: list[Visit] = []

    def come(what: str, numbers: range, within: float = 0.0) -> float:
        visits = asyncio.run(wave(address, numbers, expected, within))
        memory = megabytes(process)
        everybody.extend(visits)
        row(what, visits, memory)
        return memory

    come("the first, who waits for the model", range(1))
    before = come("one", range(1, 2))
    come(f"{at_once} who press as one", range(2, 2 + at_once))
    for first in range(2 + at_once, 2 + args.in_all, at_once):
        what = f"{at_once} tabs, within {args.within:g} s"
        come(what, range(first, first + at_once), args.within)
    time.sleep(_KEPT)
    after = come("one, when the tabs are forgotten", range(9_000, 9_001))
    print(f"\nmemory: {100 * (after / before - 1):+.1f} % after {len(everybody)} visitors")
    return [said for one in everybody for said in one.wrong]


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", type=Path, default=Path("models"))
    options.add_argument("--at-once", type=int, default=50)
    options.add_argument("--in-all", type=int, default=200)
    options.add_argument("--within", type=float, default=30)
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args, _ = options.parse_known_args()
    if args.serve:
        serve(args.bundle)
        return 0
    import vocation

    recommender = vocation.Recommender.load(args.bundle)
    expected = [
        recommender.recommend(text_of(number)[0]).careers[0].career
        for number in range(len(_THEMES))
    ]
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "log"
        server, address = start(args.bundle, log)
        try:
            wrong = measure(address, server.pid, args, expected)
        finally:
            server.terminate()
            server.wait(20)
        said = log.read_text(errors="replace")
    loads = said.count(_LOADED)
    if re.search(r"Zq\d{4}qz", said):
        wrong.append("somebody's words are in the log")
    print(f"models loaded: {loads}; {len(wrong)} things wrong")
    print("\n".join(wrong))
    return 1 if wrong or loads != 1 else 0


if __name__ == "__main__":
    sys.exit(main())
