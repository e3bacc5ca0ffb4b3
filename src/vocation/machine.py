"""The machine: what this process may use of it, who can reach it, what examining it finds."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass


def cores() -> int:
    """Return how many cores this process may use."""
    # Less than the machine has, in a container or under taskset. Not every system tells.
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`, a name or an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of examining the machine.

    `kind` is "ok", "note" (it works, but could be better) or "broken" (it stops training or
    answering); `cure` says what to do.
    """

    kind: str
    name: str
    found: str
    cure: str = ""
