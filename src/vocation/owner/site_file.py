"""Change site.toml from the page: a career's local pay and links, contacts for people in need."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vocation import site
from vocation.errors import DataError
from vocation.files import atomic_write
from vocation.text.clean import clean

MOST_LINKS = 3
"""Links of a career that the page asks for: a list of ten is no help."""


def set_career(
    bundle: Path, career: str, pay: site.LocalPay | None, links: Sequence[tuple[str, str]]
) -> Path:
    """Set what the owner says of `career`; None and () take it away. Returns the file.

    Raises DataError where something of it is not as it must be; nothing is written then.
    """
    for label, address in links:
        if not label or not address.startswith(("https://", "http://")):
            raise DataError(
                f"{label or address}: a link needs a name, and an address that begins with https://"
            )
    settings = _settings(bundle)
    told = None if pay is None else {name: value for name, value in asdict(pay).items() if value}
    _put(settings, "pay", career, told)
    _put(settings, "links", career, dict(links))
    return _write(bundle, settings)


def set_contacts(bundle: Path, contacts: Sequence[str]) -> Path:
    """Set the contacts for people in need. Returns the file. Raises DataError as above."""
    settings = _settings(bundle)
    _put(settings, "help", "contacts", [clean(one) for one in contacts if clean(one)])
    return _write(bundle, settings)


def before_of(file: Path) -> Path:
    """Where the file is kept as it was before the last change."""
    return file.with_name(f"{file.name}.before")


def _settings(bundle: Path) -> dict[str, Any]:
    file = site.file_of(bundle)
    if not file.is_file():
        return {}
    site.read(bundle)  # a file with a mistake is corrected by hand: what it means is not clear
    return tomllib.loads(file.read_text("utf-8"))


def _put(settings: dict[str, Any], part: str, name: str, value: Any) -> None:
    table = settings.setdefault(part, {})
    table.pop(name, None)
    if value:
        table[name] = value
    if not table:
        del settings[part]


def _write(bundle: Path, settings: Mapping[str, Any]) -> Path:
    file = site.file_of(bundle)
    site.checked(file, settings)
    text = "\n".join(_lines(settings)) + "\n"
    if tomllib.loads(text) != settings:
        raise DataError(f"{file}: these settings cannot be written: change the file by hand")
    if file.is_file():
        atomic_write(before_of(file), file.read_bytes())
    return atomic_write(file, text)


def _lines(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """`table` as TOML: its values first, then its tables, each under its own head."""
    parts = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    values = {name: value for name, value in table.items() if name not in parts}
    if path and (values or not parts):
        yield f"[{'.'.join(map(_text, path))}]"
    for name, value in values.items():
        yield f"{_text(name)} = {_value(value)}"
    if values:
        yield ""
    for name, part in parts.items():
        yield from _lines(part, (*path, name))


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    # A TOML string is one of JSON, but for this character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
