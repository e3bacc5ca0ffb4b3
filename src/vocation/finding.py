"""What an examination of the machine finds: a noun that both sides of it share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `kind` is "ok", "note" (it works, but could be better) or
    "broken" (it stops training or answering); `cure` says what to do.
    """

    kind: str
    name: str
    found: str
    cure: str = ""
