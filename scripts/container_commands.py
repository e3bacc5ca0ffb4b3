"""Run the commands of Dockerfile and compose.yaml in a clean environment, without Docker.

Each COPY and RUN acts in a temporary folder that stands for the image's root. The command of each
service then runs with the image's environment alone, as user 10001 where this one is root; it must
be unhealthy before, healthy within a minute, and end within ten seconds of a SIGTERM. What stays
untried: the base image, and what compose.yaml forbids (a writable root, capabilities).
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROGRAMS = ("/usr/local/bin", "/usr/bin", "/bin")
"""Where the base image has its programs."""

Instruction = tuple[str, str]


def instructions(path: Path) -> list[list[Instruction]]:
    """The instructions of each stage, continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", path.read_text(encoding="utf-8"))
    stages: list[list[Instruction]] = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip():
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


class Image:
    """The folder that stands for an image's root, and what the Dockerfile set."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.workdir = "/"
        self.env = {"PATH": ":".join(PROGRAMS), "HOME": "/tmp"}
        self.command: list[str] = []
        self.health: list[str] = []
        # An environment of its own stands for the image's Python: what a RUN installs stays in it.
        subprocess.run([python, "-m", "venv", folder / "python"], check=True)
        (folder / "tmp").mkdir(mode=0o1777)
        (folder / "tmp").chmod(0o1777)

    def here(self, text: str) -> str:
        """The text with the image's paths as they are on this machine."""
        return re.sub(r"(?<![\w.:/])/(opt|source|bundle|tmp|run)\b", rf"{self.folder}/\1", text)

    def environment(self) -> dict[str, str]:
        """The image's environment; what pip and TLS need on this machine passes."""
        passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        own = {name: self.here(value) for name, value in self.env.items()}
        parts = self.env["PATH"].split(":")
        inside = [self.here(part) for part in parts if part not in PROGRAMS]
        return {
            **passed,
            **own,
            "PATH": ":".join([*inside, f"{self.folder}/python/bin", *PROGRAMS]),
        }

    def build(self, stage: list[Instruction], context: Path) -> None:
        """Do what a stage says."""
        for word, rest in stage:
            if word == "WORKDIR":
                self.workdir = rest
                Path(self.here(rest)).mkdir(parents=True, exist_ok=True)
            elif word == "ENV":
                self.env |= dict(one.split("=", 1) for one in shlex.split(rest))
            elif word == "COPY" and not rest.startswith("--from"):
                *sources, target = rest.split()
                folder = Path(self.here(os.path.join(self.workdir, target)))
                copy(context, sources, folder)
            elif word == "RUN":
                print(f"RUN {rest}", flush=True)
                done = subprocess.run(
                    ["/bin/sh", "-c", self.here(rest)],
                    cwd=self.here(self.workdir),
                    env=self.environment(),
                )
                if done.returncode:
                    sys.exit(f"exit status {done.returncode}: RUN {rest}")
            elif word in ("CMD", "HEALTHCHECK"):
                found = json.loads(rest[rest.index("[") :])
                setattr(self, "command" if word == "CMD" else "health", found)


def copy(context: Path, sources: list[str], target: Path) -> None:
    """COPY: a folder's content into `target`, or files into it."""
    for source in sources:
        for path in context.glob(source):
            if path.is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "models")
                shutil.copytree(path, target, dirs_exist_ok=True, ignore=ignore)
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)


def free_port() -> str:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def serve(image: Image, service: dict, name: str) -> None:
    """Start a service as its container would be, and watch its health."""
    command = service.get("command", image.command)
    image.env |= service.get("environment", {})
    port = free_port()
    # This machine alone may reach it, at a port that is free.
    command = [port if part.isdecimal() else image.here(part) for part in command]
    command = ["127.0.0.1" if part == "0.0.0.0" else part for part in command]
    image.env["HEALTH_URL"] = re.sub(r":\d+/", f":{port}/", image.env["HEALTH_URL"])
    env = image.environment()
    user = {"user": 10001, "group": 10001, "extra_groups": []} if os.geteuid() == 0 else {}
    options = {"cwd": image.here("/tmp"), "env": env, **user}

    def healthy() -> bool:
        return subprocess.run(image.health, stderr=subprocess.DEVNULL, **options).returncode == 0

    if healthy():
        sys.exit(f"{name}: healthy before it was started")
    start = time.monotonic()
    with subprocess.Popen(command, **options) as process:
        try:
            while not healthy():
                if process.poll() is not None or time.monotonic() - start > 60:
                    sys.exit(f"{name}: not healthy after {time.monotonic() - start:.0f} s")
            seconds = time.monotonic() - start
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
        finally:
            process.kill()
    print(f"{name}: healthy after {seconds:.1f} s, ended with SIGTERM", flush=True)


def main() -> None:
    """Build what the Dockerfile says, then start each service of compose.yaml."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="a trained bundle's folder")
    parser.add_argument(
        "--python",
        default=os.path.realpath(sys.executable),
        help="stands for the image's own; user 10001 must be allowed to run it",
    )
    parser.add_argument("--only", metavar="SERVICE", help="start this service alone")
    parser.add_argument("--space", action="store_true", help="try deploy/space instead")
    args = parser.parse_args()
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services = {"space": {}} if args.space else compose["services"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # for user 10001
        image = Image(folder, args.python)
        context = space_context(folder / "context") if args.space else ROOT
        path = ROOT / ("deploy/space/Dockerfile" if args.space else "Dockerfile")
        for stage in instructions(path):
            image.build(stage, context)
        shutil.copytree(args.bundle, folder / "bundle", dirs_exist_ok=True)
        (folder / "run" / "secrets").mkdir(parents=True)
        (folder / "run" / "secrets" / "api-key").write_text("a-key-of-thirty-two-characters-0\n")
        for service in [args.only] if args.only else services:
            serve(image, services[service], service)


def space_context(folder: Path) -> Path:
    """The files of a Space, gathered as docs/deployment.md says."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    subprocess.run([*build, folder, ROOT], check=True, stdout=subprocess.DEVNULL)
    shutil.copy(ROOT / "constraints.txt", folder)
    return folder


if __name__ == "__main__":
    main()
