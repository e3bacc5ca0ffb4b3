"""What a visitor writes on the page stays out of logs, errors, files and addresses."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import PAGE, WEB
from test_app import ask, open_page, view

import vocation

sys.path.insert(0, str(PAGE.parent / "benchmarks"))

CANARY = "Qzvexilabomnud"
WORDS = f"{WEB} with {CANARY}. I bake bread, too."


def test_words_are_in_no_log_file_or_address(
    bundle_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    page = open_page(bundle_folder, monkeypatch)
    ask(page, WORDS)
    page.button(key="twin 1").click().run()
    page.button(key="keep Web Developer").click().run()
    for name in ("explore", "compare", "plan", "about"):
        view(page, name)
        links = [str(link.proto) for link in page.get("page_link")]
        assert CANARY not in f"{links} {page.query_params}"
    assert CANARY in page.session_state.visitor.text

    def fails(self: object, text: str, **_: object) -> None:
        raise RuntimeError(f"cannot read {text}")

    monkeypatch.setattr(vocation.Recommender, "recommend", fails)
    # Streamlit's log goes where standard error was when the log was first written to.
    for name in list(logging.root.manager.loggerDict):
        for handler in logging.getLogger(name).handlers if name.startswith("streamlit") else ():
            monkeypatch.setattr(handler, "stream", sys.stderr)
    page.switch_page("views/match.py").run()
    assert page.exception
    said = "".join(capfd.readouterr())
    assert "RuntimeError: its message" in said, "the log says that something failed"
    assert CANARY not in said
    assert not list(tmp_path.iterdir())


_SERVER = """
import sys, vocation
from streamlit.web import cli
answer = vocation.Recommender.recommend
def recommend(self, text, **options):
    if "fails" in text:
        raise RuntimeError(f"cannot read {text}")
    return answer(self, text, **options)
vocation.Recommender.recommend = recommend
sys.argv = ["streamlit", "run", "app.py", "--server.headless", "true", *sys.argv[1:]]
cli.main()
"""


def test_a_real_server_writes_no_words_down(bundle_folder: Path, tmp_path: Path) -> None:
    """One visitor is answered, another meets an error that quotes them."""
    pytest.importorskip("websockets")
    import sessions

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    left, log = tmp_path / "left", tmp_path / "log"
    left.mkdir()
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, "--server.port", port],
            cwd=PAGE,
            env={
                **os.environ,
                "VOCATION_BUNDLE": str(bundle_folder),
                "TMPDIR": str(left),
                "HOME": str(left),
                "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
            },
            stdout=file,
            stderr=file,
        )

    async def two_visits() -> tuple[bytes, bytes]:
        raw = []
        for words in (WORDS, f"{WORDS} It fails."):
            async with sessions.opened(f"http://127.0.0.1:{port}") as tab:
                await tab.ask(words)
                raw.append(tab.raw)
        return raw[0], raw[1]

    try:
        sessions.wait_for(f"http://127.0.0.1:{port}", log)
        answered, failed = asyncio.run(two_visits())
        time.sleep(0.5)
    finally:
        server.terminate()
        server.wait(20)
    said = log.read_text(errors="replace")
    assert CANARY.encode() in answered
    assert b"cannot read" not in failed, "the page shows no message of an error"
    assert "RuntimeError: its message" in said
    assert CANARY not in said
    files = [path for path in left.rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
