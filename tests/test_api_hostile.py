"""Samples of the campaigns against the API: benchmarks/serving_load.py, fuzz/api_*.py."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("fastapi", reason="the api extra is not installed")
if sys.platform != "linux":
    pytest.skip("memory is read in /proc", allow_module_level=True)

import api_clients
import api_leaks
import api_schema
import api_swaps
from api_server import Answer, Server, parsed, request

from benchmarks import serving_load


@pytest.fixture(scope="module")
def server(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(bundle_folder, tmp_path_factory.mktemp("streams")) as started:
        yield started


def test_a_crowd_gets_200_or_429(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """How fast they are is told on a quiet machine."""
    args = argparse.Namespace(queue=None, alone=3, seconds=0.6, times=[5], seed=0)
    asyncio.run(serving_load.campaign(server, args))
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| 5x"))
    _, _, sent, accepted, _, other, *_ = (cell.strip() for cell in row.split("|"))
    assert int(sent) > 0
    assert int(accepted) > 0
    assert other == "0"


def test_a_broken_promise_would_be_told() -> None:
    slow = serving_load.Load(Counter({200: 2, 500: 1}), accepted=[0.1, 0.9])
    assert len(serving_load.broken(slow, most_ms=800, more_mb=51, usual=False)) == 4
    good = serving_load.Load(Counter({200: 2, 429: 9}), accepted=[0.1, 0.2])
    assert serving_load.broken(good, most_ms=800, more_mb=1, usual=True) == []


@pytest.mark.parametrize("name", [one.name for one in api_clients.ATTACKS])
def test_hostile_clients_get_what_they_deserve(server: Server, name: str) -> None:
    one = next(attack for attack in api_clients.ATTACKS if attack.name == name)
    statuses = asyncio.run(one.run(server.port, 20, 0.2))
    assert statuses
    assert not statuses.keys() - one.allowed
    assert server.alive()
    assert asyncio.run(api_clients.send(server.port, api_clients.ORDINARY)).status == 200


def test_nothing_that_was_sent_is_kept(bundle_folder: Path, tmp_path: Path) -> None:
    assert api_leaks.campaign(bundle_folder, tmp_path, requests=30, wrong=40, seed=1) == 0


def test_a_kept_word_would_be_found() -> None:
    quoted = b'{"clauses":[{"text":"Qzword"}],"careers":[{"because":["Qzword"],"words":"Qzother"}]}'
    told = api_leaks.told_by(Answer(200, {}, quoted, 0))
    assert "Qzword" not in told
    assert "Qzother" in told
    assert "Qzword" in api_leaks.told_by(Answer(422, {}, quoted, 0))
    assert "Qzhead" in api_leaks.told_by(Answer(200, {"x": "Qzhead"}, b"{}", 0))


def test_swaps_mix_nothing_and_broken_bundles_change_nothing(
    bundle_folder: Path, tmp_path: Path
) -> None:
    args = argparse.Namespace(swaps=2, broken=2, rate=5, seed=0)
    copied = api_swaps.copy(bundle_folder, tmp_path / "copy")
    assert api_swaps.run(copied, tmp_path, args) == 0


def test_a_mixed_answer_would_be_seen() -> None:
    names = {"one": frozenset({"Baker"}), "two": frozenset({"Baker 2"})}
    of = {"x-vocation-bundle": "one"}
    assert api_swaps.mixed(Answer(200, of, b'[{"career":"Baker"}]', 0), names) == ""
    assert api_swaps.mixed(Answer(200, of, b'[{"career":"Baker 2"}]', 0), names)
    assert api_swaps.mixed(Answer(200, of, b'{"bundle":"two"}', 0), names)
    assert api_swaps.mixed(Answer(200, {}, b'[{"career":"Baker"}]', 0), names)


def test_the_description_is_kept(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis")
    assert api_schema.campaign(server, tmp_path, 1, 0) == 0


def test_a_connection_is_read_as_one_answer() -> None:
    got = parsed(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 422 Oh\r\nX-A: b\r\n\r\n{}")
    assert (got.status, got.headers["x-a"], got.json()) == (422, "b", {})
    assert parsed(b"").status == 0
    assert b"Content-Length: 2" in request({})


@pytest.mark.parametrize("script", [serving_load, api_clients, api_leaks, api_schema, api_swaps])
def test_each_explains_itself(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        script.main(["--help"])
    assert "--bundle" in capsys.readouterr().out
