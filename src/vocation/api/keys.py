"""Who may ask: keys from a file, and the addresses that need none."""

from __future__ import annotations

import hmac
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from vocation.api.problems import Problem
from vocation.errors import ConfigError

OPEN = frozenset(("/health", "/ready"))
"""Paths that need no key: what watches the server has none, and they tell nothing."""

SHORTEST = 16
"""Characters of a key at least, so that nobody guesses it."""


def read(path: Path) -> tuple[bytes, ...]:
    """Return the keys of a file: one a line; blank lines and those after a # are left out.

    Raises ConfigError for a file without a key, and for keys that are too short or have blanks.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: expected a text file with one key a line") from None
    found = []
    for number, line in enumerate(lines, 1):
        key = line.strip()
        if not key or key.startswith("#"):
            continue
        if len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
            raise ConfigError(
                f"{path}, line {number}: expected a key of {SHORTEST} or more ASCII characters"
                " without blanks; make one with  openssl rand -hex 32"
            )
        found.append(key.encode())
    if not found:
        raise ConfigError(f"{path}: expected one key a line, found none")
    return tuple(found)


class Keys:
    """ASGI middleware that lets nobody through without one of `keys`."""

    def __init__(self, app: ASGIApp, keys: tuple[bytes, ...]) -> None:
        """Without `keys` everybody may ask."""
        self._app, self._keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._keys and scope["type"] == "http" and scope["path"] not in OPEN:
            given = dict(scope["headers"]).get(b"authorization", b"")
            scheme, _, key = given.partition(b" ")
            # All are compared, each in the same time: how long it takes tells nothing.
            fits = [hmac.compare_digest(key.strip(), one) for one in self._keys]
            if scheme.lower() != b"bearer" or not any(fits):
                raise Problem(
                    401,
                    "expected a key: Authorization: Bearer KEY",
                    headers={"WWW-Authenticate": "Bearer"},
                    closing=scope["method"] not in ("GET", "HEAD"),
                )
        await self._app(scope, receive, send)
