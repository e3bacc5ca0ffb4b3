"""A model hub in a hundred lines, on 127.0.0.1: the few requests that pushing and pulling make."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_standin"


class StandIn(ThreadingHTTPServer):
    """Repositories by name; each is its files by path. `private` holds the names of those that only
    TOKEN may see, `asked` every request.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, dict[str, bytes]] = {}
        self.private: set[str] = set()
        self.asked: list[str] = []
        self.commits = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, value: Any, **headers: str) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _repository(self, name: str) -> dict[str, bytes] | None:
        if name in self.server.files and (self._known() or name not in self.server.private):
            return self.server.files[name]
        self._answer(
            404 if self._known() else 401,
            {"error": "Repository not found"},
            X_Error_Code="RepoNotFound",
        )
        return None

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(f"POST {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path == "/api/validate-yaml":
            return self._answer(200, {"errors": [], "warnings": []})
        if not self._known():
            return self._answer(401, {"error": "Invalid username or password."})
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            if name in self.server.files:
                return self._answer(
                    409, {"error": "exists", "url": f"{self.server.endpoint}/{name}"}
                )
            self.server.files[name] = {}
            self.server.private |= (
                {name} if asked.get("visibility") == "private" or asked.get("private") else set()
            )
            return self._answer(200, {"url": f"{self.server.endpoint}/{name}", "name": name})
        found = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", path)
        assert found, path
        files = self._repository(found.group(1))
        if files is None:
            return None
        if found.group(2) == "preupload":
            return self._answer(
                200,
                {
                    "files": [
                        {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                        for one in json.loads(body)["files"]
                    ]
                },
            )
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "deletedFile":
                del files[line["value"]["path"]]
        self.server.commits += 1
        return self._answer(
            200,
            {
                "commitUrl": f"{self.server.endpoint}/{found.group(1)}/commit/{self._sha()}",
                "commitOid": self._sha(),
            },
        )

    def _sha(self) -> str:
        return f"{self.server.commits:040x}"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(f"{self.command} {path}")
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
            if (files := self._repository(found.group(1))) is not None:
                siblings = [
                    {"rfilename": name, "size": len(content)} for name, content in files.items()
                ]
                self._answer(
                    200,
                    {
                        "id": found.group(1),
                        "sha": self._sha(),
                        "siblings": siblings,
                        "tags": [],
                        "private": found.group(1) in self.server.private,
                    },
                )
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/[^/]+", path):
            if (files := self._repository(found.group(1))) is not None:
                tree = [
                    {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                    for name, content in files.items()
                ]
                self._answer(200, tree)
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            if (files := self._repository(found.group(1))) is not None:
                content = files.get(found.group(2))
                if content is None:
                    self._answer(404, {"error": "not found"}, X_Error_Code="EntryNotFound")
                    return
                self._answer(
                    200,
                    content,
                    ETag=f'"{hashlib.sha256(content).hexdigest()}"',
                    X_Repo_Commit=self._sha(),
                )
        else:
            self._answer(404, {"error": path})

    do_HEAD = do_GET  # noqa: N815
