"""Who may open the owner's pages: a PIN, five tries, then a growing wait for everybody."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
import time
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vocation.errors import ConfigError
from vocation.machine import is_loopback

VARIABLE = "VOCATION_OWNER"
"""The environment variable by which `vocation app --owner` tells the page its settings."""
PIN, PIN_FILE = "VOCATION_OWNER_PIN", "VOCATION_OWNER_PIN_FILE"
"""Environment variables with the PIN, or with the name of a file that holds it and nothing else."""
SECRETS, KEY = Path(".streamlit", "secrets.toml"), "owner_pin"
"""The file in the working directory that may name the PIN, and the name of it there."""

FEWEST = 6
"""Characters of a PIN at least: with the waits below, a million digits take longer than a life."""
TRIES = 5
"""Wrong PINs before the first wait."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
"""Seconds: each further wrong PIN doubles the wait."""

_DIGITS = 8  # of a PIN that the command makes
_LARGEST = 10_000  # bytes of a file with a PIN


@dataclass(frozen=True, slots=True)
class Owner:
    """What the page knows of its owner: never the PIN, but `digest`, its scrypt hash with `salt`.

    `data` is the folder with the owner's files, `config` the file with settings of trainings, ""
    for none; `host` and `port` are where the page listens.
    `on_network`: the owner said that the PIN may cross a network in plain HTTP.
    """

    salt: str
    digest: str
    data: str
    host: str = "127.0.0.1"
    port: int = 8501
    on_network: bool = False
    config: str = ""

    @classmethod
    def of(cls, pin: str, data: str, **others: Any) -> Owner:
        """The settings for `pin`. Raises ConfigError where it is too short."""
        if len(_plain(pin)) < FEWEST:
            raise ConfigError(
                f"the owner's PIN has {len(_plain(pin))} characters, expected {FEWEST} or more:"
                " choose a longer one"
            )
        salt = secrets.token_hex(16)
        return cls(salt, _digest(pin, salt), data, **others)

    def fits(self, pin: str) -> bool:
        """Whether `pin` is the owner's, in a time that does not depend on it."""
        return hmac.compare_digest(_digest(pin, self.salt), self.digest)

    def to_json(self) -> str:
        """What VARIABLE holds."""
        return json.dumps(asdict(self))

    def plain_network(self, address: str) -> bool:
        """Whether a PIN typed into the page at `address` would cross a network unencrypted."""
        found = urlsplit(address)
        return found.scheme == "http" and not is_loopback(found.hostname or "localhost")


def settings() -> Owner | None:
    """The owner of this page; None where it was started without one."""
    given = os.environ.get(VARIABLE)
    return Owner(**json.loads(given)) if given else None


def pin_given(environment: Mapping[str, str], folder: Path) -> str:
    """The PIN that the owner has set, "" where none is.

    Looked for in this order: PIN and PIN_FILE of `environment`, SECRETS in `folder`. Raises
    ConfigError where one of them is there and names none.
    """
    if PIN in environment:
        return _named(environment[PIN], f"the environment variable {PIN}")
    if file := environment.get(PIN_FILE):
        return _named(_read(Path(file), PIN_FILE), file)
    path = folder / SECRETS
    if not path.is_file():
        return ""
    try:
        found = tomllib.loads(_read(path, str(SECRETS))).get(KEY)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} cannot be read as TOML ({error}): correct it") from None
    if found is None:
        return ""
    if not isinstance(found, str):
        raise ConfigError(f'{path}: {KEY} must be a text: write it as {KEY} = "..."')
    return _named(found, f"{KEY} in {path}")


def made_pin() -> str:
    """A PIN for an owner who has set none."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


class Door:
    """Counts wrong PINs of all tabs and sessions of this process together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failed, self._until = 0, 0.0

    def wait(self) -> float:
        """Seconds until the next PIN is looked at; 0 where one is now."""
        return max(0.0, self._until - self._clock())

    def opens(self, owner: Owner, pin: str) -> bool:
        """Whether `pin` opens. While there is a `wait`, no PIN does, nor makes it longer."""
        with self._lock:  # one at a time, or many sessions at once would have many tries
            if self.wait():
                return False
            if owner.fits(pin):
                self._failed = 0
                return True
            self._failed += 1
            if self._failed >= TRIES:
                wait = FIRST_WAIT * 2.0 ** min(self._failed - TRIES, 20)
                self._until = self._clock() + min(wait, LONGEST_WAIT)
            return False


DOOR = Door()
"""The door of this process: a reload or another session does not reset it."""


def _named(pin: str, where: str) -> str:
    if not _plain(pin):
        raise ConfigError(f"{where} is empty: write a PIN there, or remove it and one is made")
    return pin


def _read(path: Path, what: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST).decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ConfigError(f"{what}: the PIN cannot be read from {path} ({reason})") from None


def _plain(pin: str) -> str:
    """The PIN as it counts: keyboards and files differ in blanks and in forms of a letter."""
    return unicodedata.normalize("NFKC", pin).strip()


def _digest(pin: str, salt: str) -> str:
    # About 50 ms: little for the owner, much for whoever tries them all.
    return hashlib.scrypt(
        _plain(pin).encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=2**14, r=8, p=1
    ).hex()
