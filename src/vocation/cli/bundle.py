"""Commands around a bundle: check, fairness, runs, push, pull, doctor, app."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vocation import base_languages
from vocation.cli.options import (
    Commands,
    bundle_option,
    natural,
    port,
    positive,
    say,
    say_json,
    style,
)
from vocation.cli.owner import owner_environment, owner_options
from vocation.errors import ConfigError, MissingExtra
from vocation.machine import is_loopback
from vocation.text.clean import printable

LOCAL = "127.0.0.1"
"""Where the page listens unless asked otherwise: nobody but this machine reaches it."""


def add_check(commands: Commands) -> None:
    """Declare `vocation check`."""
    check = commands.add(
        "check",
        _check,
        "the production checklist",
        "Check the zip that you ship before it goes live: accuracy on held-out rows with role names"
        " masked, size, time for an answer, answers to texts of many kinds and to none, written"
        " limits. Exit status 1 if anything fails.",
        "--bundle models",
    )
    bundle_option(check)


def _check(args: argparse.Namespace) -> int:
    from vocation.bundle import reader
    from vocation.reports.checklist import checklist, shipped

    archive = shipped(args.bundle)
    say(f"Checked: {archive}")
    checks = checklist(archive)
    for check in checks:
        print(
            f"{style('pass', '32') if check.passed else style('FAIL', '31')}  {check.name:<22}"
            f" {printable(check.found)}"
        )
    if strange := base_languages.of_bundle(reader.read(archive).metadata):
        # A note: whether the answers are good enough is what the lines above measure.
        print(f"{style('note', '33')}  {'languages':<22} {printable(strange)}")
    return 0 if all(check.passed for check in checks) else 1


def add_fairness(commands: Commands) -> None:
    """Declare `vocation fairness`."""
    fairness = commands.add(
        "fairness",
        _fairness,
        "the fairness audit: swapped names, pronouns and facts, groups compared",
        "Ask whether somebody else would be answered otherwise. The bundle answers 1,000 generated"
        " texts with other first names of eight groups, with she, he and they, and with another"
        " age, nationality, religion, disability or number of children: how often the first answer"
        " flips, how far its probability moves, how the pay of the first five careers differs."
        " With --data FILE also whether groups of your own labelled rows are answered equally"
        " well. Exit status 1 if a limit is exceeded.",
        "",
        "--bundle models --output fairness.json",
        "--data test.csv --text-column text --label-column career --group-column group",
    )
    bundle_option(fairness)
    fairness.add_argument(
        "--count", metavar="N", type=positive, default=1000, help="how many texts (default: 1000)"
    )
    fairness.add_argument(
        "--seed",
        metavar="N",
        type=natural,
        default=42,
        help="other texts with another number (default: 42)",
    )
    fairness.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="write all figures as JSON, those of every pair of groups among them",
    )
    fairness.add_argument(
        "--data",
        metavar="FILE",
        type=Path,
        help="labelled rows that the bundle has not learnt from",
    )
    fairness.add_argument("--text-column", metavar="NAME", help="the column of FILE with the text")
    fairness.add_argument(
        "--label-column", metavar="NAME", help="the column of FILE with the right career"
    )
    fairness.add_argument(
        "--group-column",
        metavar="NAME",
        help="the column of FILE with the group that a person belongs to",
    )


def _fairness(args: argparse.Namespace) -> int:
    columns = [args.text_column, args.label_column, args.group_column]
    if bool(args.data) != all(columns) or any(columns) != bool(args.data):
        args.parser.error(
            "--data FILE needs --text-column, --label-column and --group-column, and they need it"
        )
    from vocation.fairness.swaps import command
    from vocation.progress import ConsoleProgress

    found = command(
        args.bundle,
        args.count,
        args.seed,
        (args.data, *columns) if args.data else None,
        args.output,
        ConsoleProgress(),
    )
    return 0 if found else 1


def add_runs(commands: Commands) -> None:
    """Declare `vocation runs`."""
    runs = commands.add(
        "runs",
        _runs,
        "list the training runs, or compare two",
        "Every training leaves a small record, without a row of the data, in the folder runs beside"
        " its bundle. Without A and B: list them, newest first. With A and B: what differs in"
        " settings and data, and the figures side by side. A run is named by its number in the"
        " list, by a part of its name, or by a bundle's folder.",
        "",
        "2 1",
        "--runs trials/runs --json",
    )
    runs.add_argument("pair", metavar="A B", nargs="*", help="two runs to compare")
    runs.add_argument(
        "--runs", metavar="DIR", default="runs", help="the folder with the records (default: runs)"
    )
    runs.add_argument("--json", action="store_true", help="print JSON")


def _runs(args: argparse.Namespace) -> None:
    from vocation.format import table
    from vocation.reports import runs

    if len(args.pair) not in (0, 2):
        raise ConfigError(
            f"vocation runs compares two runs, found {len(args.pair)}: name both, or none to list"
            " them"
        )
    records, others = runs.load(args.runs)
    for name in others:
        print(
            printable(
                f"vocation: {Path(args.runs) / name} is not the record of a run and is left out"
            ),
            file=sys.stderr,
        )
    if args.pair:
        found = runs.compare(*(runs.pick(records, which) for which in args.pair))
        if args.json:
            say_json(found)
        else:
            say("\n".join(runs.described(found)))
    elif args.json:
        say_json([one.to_dict() for one in records])
    else:
        numbered = [
            ["", *runs.HEADER],
            *([str(i), *runs.listed(one)] for i, one in enumerate(records, 1)),
        ]
        say("\n".join(table(numbered)) if records else f"No runs in {args.runs} yet.")


def add_push(commands: Commands) -> None:
    """Declare `vocation push`."""
    push = commands.add(
        "push",
        _push,
        "copy a bundle to a model hub or a folder",
        "Copy the bundle, verified, to PLACE: USER/NAME is a repository of the Hugging Face hub"
        " (log in first with  hf auth login), anything with ./ or / before it a folder. Sent are"
        " the files of the bundle's manifest, a card with the figures, and the weights as"
        " safetensors where PyTorch is installed. No line of profiles.csv is among them;"
        " descriptions, skills, books, questions and answers are.",
        "my-name/careers --private",
        "/mnt/team/careers --bundle models",
    )
    push.add_argument("place", metavar="PLACE", help="USER/NAME of a repository, or a folder")
    bundle_option(push)
    push.add_argument(
        "--private", action="store_true", help="make a new repository visible to you alone"
    )
    push.add_argument(
        "--license",
        metavar="NAME",
        help="the hub's word for the model's licence, for example mit or cc-by-4.0",
    )


def _push(args: argparse.Namespace) -> None:
    from vocation import hub

    say(f"The bundle is at {hub.push(args.place, args.bundle, args.private, args.license)}")
    say(f"Fetch it elsewhere:  vocation pull {args.place}")


def add_pull(commands: Commands) -> None:
    """Declare `vocation pull`."""
    pull = commands.add(
        "pull",
        _pull,
        "fetch a bundle from a model hub or a folder",
        "Fetch a bundle from PLACE (USER/NAME on the Hugging Face hub, a folder, or a zip), verify"
        " every file, and write it to DIR. A bundle in DIR is replaced only when the new one is"
        " complete, and kept beside it: rollback brings it back.",
        "my-name/careers",
        "/mnt/team/careers --output models",
    )
    pull.add_argument(
        "place", metavar="PLACE", help="USER/NAME of a repository, a folder, or a zip"
    )
    pull.add_argument(
        "--output", metavar="DIR", default="models", help="the bundle's folder (default: models)"
    )
    pull.add_argument(
        "--revision",
        metavar="NAME",
        help="branch, tag or commit of the repository (default: the newest)",
    )


def _pull(args: argparse.Namespace) -> None:
    from vocation import hub
    from vocation.bundle import reader
    from vocation.reports import samples

    folder = hub.pull(args.place, args.output, args.revision)
    say(f"Verified and written: {folder}\n{samples.try_it(reader.read(folder).metadata, folder)}")


def add_doctor(commands: Commands) -> None:
    """Declare `vocation doctor`."""
    doctor = commands.add(
        "doctor",
        _doctor,
        "what this machine has and what is missing",
        "Look at Python, packages, extras, GPU, threads, base model, disk, memory, cache and"
        " bundle, and say what to do about what is missing. Asks no network. Exit status 1 if"
        " something stops training or answering.",
        "",
        "--bundle models --json",
    )
    bundle_option(doctor)
    doctor.add_argument(
        "--base-model", metavar="NAME", help="look for this base model (default: the usual one)"
    )
    doctor.add_argument("--json", action="store_true", help="print JSON")


def _doctor(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from vocation.doctor import examine

    findings = examine(args.bundle, args.base_model)
    if args.json:
        say_json([asdict(one) for one in findings])
    else:
        for one in findings:
            colour = {"ok": "32", "note": "33", "broken": "31"}[one.kind]
            found = printable(
                f"{one.name:<14}"
                f" {one.found}{f'{chr(10)}{chr(32) * 23}-> {one.cure}' if one.cure else ''}"
            )
            print(f"{style(f'{one.kind:<6}', colour)}  {found}")
    return 1 if any(one.kind == "broken" for one in findings) else 0


def add_app(commands: Commands) -> None:
    """Declare `vocation app`."""
    app = commands.add(
        "app",
        _app,
        "start the web page",
        "Start the web page with this bundle. Nothing leaves the machine, and no text is stored"
        " unless site.toml lets visitors agree to it.",
        "--bundle models --port 8080",
        "--host 0.0.0.0",
        "--owner --data my-data",
    )
    bundle_option(app)
    app.add_argument("--port", metavar="N", type=port, default=8501, help="port (default: 8501)")
    app.add_argument(
        "--host",
        metavar="ADDRESS",
        default=LOCAL,
        help=f"address to listen on (default: {LOCAL}, this machine alone; 0.0.0.0: its network)",
    )
    owner_options(app)


def _app(args: argparse.Namespace) -> int:
    import importlib.util
    import subprocess

    from vocation.serving.documents import LARGEST
    from vocation.serving.recommend import Recommender
    from vocation.site import read

    if importlib.util.find_spec("streamlit") is None:
        raise MissingExtra("the web page", "app")
    Recommender.load(args.bundle)  # reports a broken bundle here and not on the page
    colour = read(Path(args.bundle)).colour  # the same of a wrong site.toml
    # in an installed wheel; a checkout has it next to src/
    inside = Path(__file__).parents[1] / "app" / "app.py"
    script = inside if inside.is_file() else Path(__file__).parents[3] / "streamlit_app" / "app.py"
    if not script.is_file():
        raise ConfigError(f"the page is not installed: expected it at {inside}")
    check_free(args.host, args.port)
    environment = owner_environment(args)
    shown = "localhost" if args.host in (LOCAL, "0.0.0.0", "::") else args.host
    # A fixed address to print: otherwise Streamlit asks a server on the internet for this machine's
    # own.
    options = {
        "--browser.serverAddress": shown,
        "--browser.gatherUsageStats": "false",
        "--server.address": args.host,
        "--server.headless": "true",
        "--server.port": str(args.port),
    }
    if not args.owner:  # only resumes and plans are uploaded
        options["--server.maxUploadSize"] = str(LARGEST // 2**20)
    if colour:
        options |= {f"--theme.{mode}.primaryColor": colour for mode in ("light", "dark")}
    environment |= {"VOCATION_BUNDLE": str(Path(args.bundle).resolve())}
    reach = "this machine alone" if is_loopback(args.host) else "its network too"
    say(f"http://{shown}:{args.port}   (for {reach}; stop with Ctrl-C)")
    words = [word for option in options.items() for word in option]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *words]
    return subprocess.call(command, env=environment)


def check_free(host: str, port: int) -> None:
    """Raise ConfigError where nothing can listen at `host` and `port`."""
    import errno
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            why = str(error.strerror).partition(" (while")[0]  # Python adds the address again
            raise ConfigError(
                f"nothing can listen at {host}, port {port} ({why}): name another --host or --port"
            ) from None
        with socket.create_server((host, 0), family=family) as other:
            free = other.getsockname()[1]
        raise ConfigError(
            f"port {port} is in use by another program: stop it, or take --port {free}"
        ) from None
