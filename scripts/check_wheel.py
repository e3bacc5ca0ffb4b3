"""Build sdist and wheel, and use the wheel in a clean environment of each Python named.

The wheel made from the sdist must hold the same files as the one made from the checkout. Needs the
`build` package; packages come from wherever pip gets them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = "I love programming and building web applications with Python and JavaScript"


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command outside the checkout, without its Python settings; return what it prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"exit status {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout


def build(output: Path, *kind: str) -> None:
    """Build the checkout into `output`: the sdist and of that the wheel, or the `kind` alone."""
    isolation = [] if os.environ.get("CI") else ["--no-isolation"]
    run(sys.executable, "-m", "build", *kind, *isolation, "--outdir", output, ROOT)


def contents(wheel: Path) -> dict[str, int]:
    """Name and checksum of every file; RECORD lists the others."""
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: one.CRC for one in archive.infolist()}


def answers(python: str, wheel: Path, folder: Path, bundle: Path | None, again: str) -> str:
    """Install the wheel for `python` and use it; what was found, in one line."""
    run(python, "-m", "venv", folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    constraints = ["--constraint", again] if again else []
    run(scripts / "python", "-m", "pip", "install", "--quiet", *constraints, wheel)
    command = scripts / "vocation"
    version = run(command, "--version", cwd=folder).strip()
    if run(scripts / "python", "-m", "vocation", "--version", cwd=folder).strip() != version:
        sys.exit("`vocation` and `python -m vocation` are not the same version")
    found = {
        one["name"]: one["found"]
        for one in json.loads(run(command, "doctor", "--bundle", bundle or "none", "--json"))
    }
    done = [version, "python " + found["python"].split()[0]]
    if "no training" not in found["extra train"]:
        sys.exit(f"the wheel alone brings what training needs: {found['extra train']}")
    if bundle:
        answer = json.loads(run(command, "recommend", TEXT, "--bundle", bundle, "--json"))
        done.append(f"{answer['decision']}: {answer['careers'][0]['career']}")
    return ", ".join(done)


def main() -> None:
    """Print one line for the archives and one for each Python."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", nargs="*", default=[sys.executable], metavar="PATH")
    parser.add_argument("--bundle", type=Path, help="answer a text with it, too")
    parser.add_argument("--constraint", default="", metavar="FILE", help="as pip's option")
    parser.add_argument("--output", type=Path, help="keep sdist and wheel in this folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output = args.output or folder / "dist"
        build(output)
        build(folder / "direct", "--wheel")
        wheel, direct = next(output.glob("*.whl")), next((folder / "direct").glob("*.whl"))
        if contents(wheel) != contents(direct):
            sys.exit("the wheel made from the sdist does not hold what the checkout's own holds")
        print(f"{wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB, the same from the sdist")
        bundle = args.bundle and args.bundle.absolute()
        constraint = args.constraint and str(Path(args.constraint).absolute())
        for number, python in enumerate(args.python):
            print(answers(python, wheel, folder / f"env{number}", bundle, constraint), flush=True)


if __name__ == "__main__":
    main()
