"""Run a program where every name server is this process; print each name that is looked up.

Start it as `unshare -rn python name_lookups.py SECONDS PROGRAM...`: a network namespace of its own
has no way out, and what is asked there cannot come from another process. The program is stopped
after SECONDS.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

SIOCSIFADDR, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x8914, 0x1
NAME_ERROR = b"\x81\x83"  # header of the answer "there is no such name"


def give_address(interface: str, address: str) -> None:
    """Bring a loopback interface up under an IPv4 address."""
    name = interface.encode()
    where = struct.pack("16sH2s4s8s", name, socket.AF_INET, b"", socket.inet_aton(address), b"")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFADDR, where)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", name, IFF_UP, b""))


def answer(server: socket.socket) -> None:
    """Print the name in each question and answer that it does not exist."""
    while True:
        question, asker = server.recvfrom(2000)
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += question[at] + 1
        print(".".join(labels), flush=True)
        counts = question[4:6] + bytes(6)
        server.sendto(question[:2] + NAME_ERROR + counts + question[12 : at + 5], asker)


def main() -> None:
    give_address("lo", "127.0.0.1")
    listed = re.findall(
        r"^nameserver\s+(\d+(?:\.\d+){3})", Path("/etc/resolv.conf").read_text(), re.M
    )
    for number, address in enumerate(listed or ["127.0.0.1"]):
        if not address.startswith("127."):
            give_address(f"lo:{number}", address)
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((address, 53))
        threading.Thread(target=answer, args=[server], daemon=True).start()
    program = subprocess.Popen(
        sys.argv[2:], stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )
    try:
        sys.exit(program.wait(timeout=float(sys.argv[1])))
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)  # its own children too


if __name__ == "__main__":
    main()
