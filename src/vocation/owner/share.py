"""Where others find the page: on this computer, or from their own devices in the same network."""

from __future__ import annotations

import socket

from vocation.machine import is_loopback
from vocation.owner.access import Owner


def addresses(owner: Owner) -> dict[str, str]:
    """The addresses of the page: "here", and "network" where the network is let in."""
    found = {"here": f"http://localhost:{owner.port}"}
    if not is_loopback(owner.host):
        host = _own_address() if owner.host in ("0.0.0.0", "::") else owner.host
        shown = f"[{host}]" if ":" in host else host
        found["network"] = f"http://{shown}:{owner.port}"
    return found


def _own_address() -> str:
    """The address of this machine in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of examples (RFC 5737): only routed
            return str(probe.getsockname()[0])
        except OSError:  # no network
            return socket.gethostname()
