"""The HTTP API: its answers, its limits, what it never tells, and how it takes a new bundle."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import logging
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers import edited

from vocation.api import forms, keys, limits, logs, watch
from vocation.api.app import Api
from vocation.api.metrics import Metrics
from vocation.api.problems import Problem
from vocation.api.swap import Bundle
from vocation.bundle import layout
from vocation.bundle.exchange import exchange
from vocation.cli import main
from vocation.errors import ConfigError
from vocation.machine import cores, is_loopback

TEXT = "I like repairing cars with my uncle, and I was always good at maths."
DISTRESS = "I want to kill myself."
CANARY = "zzcanary"
KEY = "0123456789abcdef"


class Client:
    """Asks an application in this process, without a socket."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


def new_api(bundle_folder: Path, queue: int | None = None) -> Api:
    metrics = Metrics()
    return Api(Bundle(bundle_folder, metrics), metrics, queue)


@pytest.fixture(scope="module")
def api(bundle_folder: Path) -> Iterator[Api]:
    one = new_api(bundle_folder)
    yield one
    one.slots.close()


@pytest.fixture(scope="module")
def client(api: Api) -> Client:
    return Client(api.asgi())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the server logs."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:], root.level = before, level


# --------------------------------------------------------------------------------------------------


def test_answers_are_those_of_the_command_line(
    client: Client, bundle_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(*arguments: str) -> Any:
        assert main(["recommend", "--json", "--bundle", str(bundle_folder), *arguments]) == 0
        return rounded(capsys.readouterr().out)

    def answered(**body: Any) -> Any:
        return rounded(client.post("/v1/recommend", json=body).raise_for_status().text)

    def rounded(text: str) -> Any:
        """The last digits of a confidence are others where texts are read together."""
        return json.loads(text, parse_float=lambda figure: round(float(figure), 5))

    one = answered(text=TEXT, top_k=2, explain=True)
    assert one == printed(TEXT, "--top", "2", "--explain")
    assert len(one["careers"]) == 2
    assert answered(texts=[TEXT, "hello"]) == printed(TEXT, "hello")
    best = one["careers"][0]["career"]
    chosen = answered(text="Something with people.", answer="teaching children", exclude=[best])
    arguments = ("--answer", "teaching children", "--exclude", best)
    assert chosen == printed("Something with people.", *arguments)
    assert answered(texts=[]) == []


def test_what_a_person_says_of_a_clause_is_heard(client: Client) -> None:
    body = {"text": "I like cooking. I write Python code.", "stances": {"0": "refused"}}
    answer = client.post("/v1/recommend", json=body).json()
    assert answer["clauses"][0]["stance"] == "refused"
    wrong = client.post("/v1/recommend", json=body | {"stances": {"7": "refused"}})
    assert (wrong.status_code, wrong.json()["error"]["details"][0]["where"]) == (422, "stances")


def test_foreign_forms_keep_the_decision(api: Api, client: Client) -> None:
    classes = api.bundle.current.recommender.classes
    scores = client.post("/predict", json={"inputs": TEXT})
    assert scores.headers["x-vocation-decision"] == "match"
    assert {one["label"] for one in scores.json()} == set(classes)
    assert [one["score"] for one in scores.json()] == sorted(
        (one["score"] for one in scores.json()), reverse=True
    )
    several = client.post("/predict", json={"inputs": [[TEXT], ["hello"], [DISTRESS]]})
    assert several.headers["x-vocation-decision"] == "match,unsure,help"
    assert several.json()[0] == scores.json()
    assert several.json()[2] == []  # no career for somebody in distress, in no form
    answer = client.post("/v1/classify", json={"model": "any", "input": [TEXT, DISTRESS]})
    assert answer.headers["x-vocation-decision"] == "match,help"
    one, other = answer.json()["data"]
    assert (
        one["label"] == scores.json()[0]["label"] == classes[one["probs"].index(max(one["probs"]))]
    )
    assert (len(one["probs"]), other["label"], other["probs"]) == (len(classes), None, [])


def test_distress_is_counted_nowhere(bundle_folder: Path, log: io.StringIO) -> None:
    api = new_api(bundle_folder)
    client = Client(api.asgi())
    assert client.post("/v1/recommend", json={"text": DISTRESS}).json()["decision"] == "help"
    told = log.getvalue() + client.get("/metrics").text
    assert "distress" not in told
    assert '"help"' not in told
    assert 'vocation_texts_total{decision="unsure",reason="empty"} 1.0' in told


def test_descriptions_are_those_of_the_answers(api: Api, client: Client) -> None:
    """Every field of an answer is in /openapi.json, and every one described is in the answer."""

    def fits(form: type[Any], value: dict[str, Any]) -> None:
        form.model_validate(value)
        needed = {name for name, field in form.model_fields.items() if field.is_required()}
        assert needed <= set(value) <= set(form.model_fields)

    answer = client.post("/v1/recommend", json={"text": TEXT, "explain": True}).json()
    fits(forms.Answer, answer)
    fits(forms.Suggestion, answer["careers"][0])
    fits(forms.Clause, answer["clauses"][0])
    fits(forms.ClassifyAnswer, client.post("/v1/classify", json={"input": TEXT}).json())
    fits(forms.Model, client.get("/v1/model").json())
    name = answer["careers"][0]["career"]
    fits(forms.CareerPage, client.get(f"/v1/careers/{name.upper()}").json())
    fits(forms.CareerEntry, client.get("/v1/careers", params={"q": name}).json()[0])
    fits(forms.ErrorAnswer, client.get("/v1/careers/none").json())
    fits(forms.PredictError, client.post("/predict", json={}).json())
    described = client.get("/openapi.json").json()["paths"]
    assert set(described) == (watch.ROUTES | {watch.CAREER}) - {"/", "/openapi.json"}


def test_careers_are_searched(client: Client) -> None:
    everything = client.get("/v1/careers").json()
    family = everything[0]["family"]
    own = client.get("/v1/careers", params={"family": family.upper()}).json()
    assert own == [one for one in everything if one["family"] == family]
    assert (
        client.get("/v1/careers", params={"q": everything[3]["career"]}).json()[0] == everything[3]
    )
    assert client.get("/v1/careers/none").status_code == 404
    assert client.get("/v1/careers", params={"family": "none"}).status_code == 404
    assert client.get("/v1/careers", params={"family": family, "q": "zzzzqx"}).json() == []


def test_the_requests_of_the_documentation_are_answered(client: Client) -> None:
    page = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
    requests = re.findall(r"^curl http://127.0.0.1:8000(/\S+) .*-d '(.*)'$", page, re.M)
    assert len(requests) == page.count(" -d ")
    for path, body in requests:
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, body


def test_the_page_loads_nothing(client: Client) -> None:
    page = client.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert "//" not in page.text
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/recommend", "/predict", "/v1/classify", f"/{CANARY}"])
@pytest.mark.parametrize(
    "body",
    [
        f'{{"text": "{CANARY}", "input": "{CANARY}", "inputs": "{CANARY}"',
        f'{{"text": ["{CANARY}"], "input": {{"{CANARY}": 1}}, "inputs": [["{CANARY}", "b"]]}}',
        f'{{"{CANARY}": "{CANARY}"}}',
        f'["{CANARY}"]',
        f'{{"text": "a", "inputs": 1, "stances": {{"{CANARY}": "{CANARY}"}}}}',
        f'{{"text": "a", "inputs": 1, "only": ["{CANARY}"]}}',
        f'{{"text": "a", "inputs": 1, "top_k": "{CANARY}"}}',
        f'{{"text": "a", "stances": {{"9": "{CANARY}"}}, "inputs": null}}',
    ],
)
def test_a_refusal_repeats_nothing(client: Client, log: io.StringIO, path: str, body: str) -> None:
    answer = client.post(
        f"{path}?a={CANARY}",
        content=body,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {CANARY}"},
    )
    assert answer.status_code in (404, 422)
    assert CANARY not in answer.text + str(answer.headers) + client.get("/metrics").text
    assert CANARY not in log.getvalue()


def test_a_wrong_field_is_told_once(client: Client) -> None:
    answer = client.post("/v1/recommend", json={"text": 5})
    assert [one["where"] for one in answer.json()["error"]["details"]] == ["body.text"]


def test_a_request_is_one_line_without_its_text(client: Client, log: io.StringIO) -> None:
    client.post(f"/v1/recommend?q={CANARY}", json={"texts": [CANARY, TEXT]})
    client.get(f"/v1/careers/{CANARY}")
    first, second = map(json.loads, log.getvalue().splitlines())
    assert (first["route"], first["status"]) == ("/v1/recommend", 200)
    assert (first["lengths"], first["decision"][1]) == ([len(CANARY), len(TEXT)], "match")
    assert (second["route"], second["status"]) == ("/v1/careers/{name}", 404)
    assert CANARY not in log.getvalue()


def test_a_bug_is_logged_without_values(
    api: Api, client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str, *_: Any, **__: Any) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(api.bundle.current.recommender, "recommend", broken)
    answer = client.post("/v1/recommend", json={"text": CANARY})
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "error")
    assert '"RuntimeError"' in log.getvalue()
    assert CANARY not in log.getvalue() + answer.text


# --------------------------------------------------------------------------------------------------


def test_sizes_are_counted_and_not_believed(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 100_000

    assert client.post("/v1/recommend", content=endless()).status_code == 413
    assert client.post("/predict", content=b" " * 1_000_001).json()["error_type"] == "Validation"
    assert client.post("/v1/recommend", json={"texts": ["a"] * 33}).status_code == 413
    assert client.post("/predict", json={"inputs": ["a"] * 33}).status_code == 413
    long = {"text": TEXT.ljust(20_001)}
    assert client.post("/v1/recommend", json=long).json()["truncated"]
    assert not client.post("/v1/recommend", json={"text": TEXT.ljust(20_000)}).json()["truncated"]
    refused = client.post("/predict", json={"inputs": long["text"], "truncate": False})
    assert refused.status_code == 413


def test_a_full_queue_refuses_and_a_deadline_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "cores", lambda: 1)
    monkeypatch.setattr(limits, "DEADLINE_S", 0.05)
    slots, go = limits.Slots(queue=1), threading.Event()

    async def ask() -> list[Any]:
        waits = [asyncio.create_task(slots.run(lambda _: go.wait(60))) for _ in range(2)]
        await asyncio.sleep(0)
        assert slots.waiting() == 1
        with pytest.raises(Problem) as full:
            await slots.run(lambda _: None)
        late = await asyncio.gather(*waits, return_exceptions=True)
        return [full.value, *late]

    full, *late = asyncio.run(ask())
    assert (full.status, full.headers["Retry-After"]) == (429, "1")
    assert [one.status for one in late] == [503, 503]
    # The one that waited is gone; the other keeps its core until it ends.
    assert slots._taken == 1
    go.set()
    slots._pool.shutdown()
    assert slots._taken == 0


def test_who_sends_slowly_is_cut_off(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_S", 0.05)
    monkeypatch.setattr(limits, "_LINGER_S", 0.05)
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]
    sent: list[Any] = []

    async def receive() -> Any:
        if not parts:
            await asyncio.sleep(60)
        return parts.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/recommend", "headers": []}
    asyncio.run(api.asgi()(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


# --------------------------------------------------------------------------------------------------


def test_a_key_opens(api: Api) -> None:
    client = Client(api.asgi([KEY.encode(), b"another-key-of-mine"]))
    for path in watch.ROUTES - keys.OPEN:
        assert client.get(path).status_code == 401, path
    for path in keys.OPEN:
        assert client.get(path).status_code == 200, path
    for value, status in (
        (f"Bearer {KEY}", 200),
        ("bearer another-key-of-mine", 200),
        (f"Bearer {KEY[:-1]}", 401),
        (f"Basic {KEY}", 401),
        ("Bearer é", 401),
    ):
        given = {"Authorization": value.encode("latin-1")}
        assert client.get("/v1/model", headers=given).status_code == status, value


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (f"# ours\n\n{KEY}\n  {KEY}2  # no\n", "line 4"),
        ("short\n", "line 1"),
        ("# nothing\n", "found none"),
        (f"{KEY}\n{KEY}2\n", None),
    ],
)
def test_the_file_of_keys(tmp_path: Path, content: str, found: str | None) -> None:
    path = tmp_path / "keys.txt"
    path.write_text(content)
    if found is None:
        assert keys.read(path) == (KEY.encode(), f"{KEY}2".encode())
    else:
        with pytest.raises(ConfigError, match=found):
            keys.read(path)


def test_other_machines_need_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert "--api-key-file" in capsys.readouterr().err
    loopback = {"127.0.0.1": True, "::1": True, "localhost": True, "10.0.0.1": False, "::": False}
    assert {host: is_loopback(host) for host in loopback} == loopback


def test_what_is_missing_is_named() -> None:
    code = "import sys; sys.modules['uvicorn'] = None; from vocation.cli import main; "
    done = subprocess.run(
        [sys.executable, "-c", code + "sys.exit(main(['serve']))"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "[api]" in done.stderr


# --------------------------------------------------------------------------------------------------


def changed(bundle_folder: Path, target: Path, **values: Any) -> Path:
    """The bundle with other values in its metadata."""
    metadata = json.loads((bundle_folder / layout.METADATA).read_bytes())
    return edited(bundle_folder, target, {layout.METADATA: metadata | values})


def name_of(folder: Path) -> str:
    return hashlib.sha256((folder / layout.MANIFEST).read_bytes()).hexdigest()


def test_a_good_bundle_is_taken_and_a_bad_one_changes_nothing(
    bundle_folder: Path, tmp_path: Path, log: io.StringIO
) -> None:
    current = tmp_path / "current"
    current.symlink_to(bundle_folder)
    metrics = Metrics()
    api = Api(Bundle(current, metrics), metrics)
    client = Client(api.asgi())

    def offer(folder: Path) -> str:
        current.unlink()
        current.symlink_to(folder)
        return api.bundle.swap()

    old = api.bundle.current
    assert offer(bundle_folder) == "same"
    broken = changed(bundle_folder, tmp_path / "broken", trained="2026-01-01T00:00:00Z")
    (broken / layout.MODEL).write_bytes(b"broken")
    worse = changed(bundle_folder, tmp_path / "worse", known_limits=[])
    assert [offer(broken), offer(worse), offer(tmp_path / "none")] == ["refused"] * 3
    assert api.bundle.current is old
    good = changed(bundle_folder, tmp_path / "good", trained="2026-01-01T00:00:00Z")
    assert offer(good) == "done"
    answer = client.get("/v1/model")
    assert answer.headers["x-vocation-bundle"] == answer.json()["bundle"] == name_of(good)
    told = client.get("/metrics").text
    assert 'vocation_swaps_total{result="refused"} 3.0' in told
    assert f'hash="{name_of(good)}"' in told
    assert old.hash not in told
    assert len([line for line in log.getvalue().splitlines() if '"swap": "refused"' in line]) == 3


def test_a_request_keeps_its_bundle(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A swap while a text is read: the answer is the old bundle's, and says so."""
    api = new_api(bundle_folder)
    old = api.bundle.current
    recommend = type(old.recommender).recommend
    other = changed(bundle_folder, tmp_path / "other", trained="2026-01-01T00:00:00Z")

    def slow(recommender: Any, *given: Any, **more: Any) -> Any:
        assert recommender is old.recommender
        monkeypatch.undo()
        api.bundle._path = other
        assert api.bundle.swap() == "done"
        return recommend(recommender, *given, **more)

    monkeypatch.setattr(type(old.recommender), "recommend", slow)
    client = Client(api.asgi())
    answers = [client.post("/v1/recommend", json={"text": TEXT}) for _ in range(2)]
    assert [one.headers["x-vocation-bundle"] for one in answers] == [old.hash, name_of(other)]


def wait(met: Callable[[], bool]) -> None:
    """Until the server does what it should; for ever is a minute."""
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(httpx.TransportError):
            if met():
                return
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no SIGHUP")
def test_the_server_swaps_and_ends_well(bundle_folder: Path, tmp_path: Path) -> None:
    """A real one: it takes a new folder in its place by itself, and ends after what is in work."""
    live = shutil.copytree(bundle_folder, tmp_path / "models")
    other = changed(bundle_folder, tmp_path / "other", trained="2026-01-01T00:00:00Z")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "vocation.cli", "serve", "--bundle", live, "--port", port]
    with open(tmp_path / "log", "w+", encoding="utf-8") as log:
        server = subprocess.Popen(list(map(str, command)), stderr=log, stdout=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                wait(lambda: client.get("/ready").status_code == 200)
                before = name_of(live)
                assert client.get("/ready").headers["x-vocation-bundle"] == before
                exchange(other, live)
                server.send_signal(signal.SIGHUP)
                wait(lambda: client.get("/ready").headers["x-vocation-bundle"] != before)
                assert client.get("/v1/model").json()["bundle"] == name_of(live)
                body = {"texts": [f"{TEXT} {CANARY}"] * 6, "explain": True}
                with ThreadPoolExecutor(cores() + 2) as pool:
                    ask = partial(client.post, "/v1/recommend", json=body)
                    asked = [pool.submit(ask) for _ in range(cores() + 2)]
                    wait(lambda: "vocation_queue_waiting 2.0" in client.get("/metrics").text)
                    server.send_signal(signal.SIGTERM)
                    assert [one.result().status_code for one in asked] == [200] * len(asked)
            assert server.wait(60) == 0
        finally:
            server.kill()
        log.seek(0)
        assert CANARY not in log.read()
