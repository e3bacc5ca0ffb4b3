"""Write constraints.txt: the versions that this environment has of all that vocation needs.

Run it where the tests have just passed (`make constraints`). Needs the `packaging` package.
"""

import platform
import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "constraints.txt"
HEAD = """# Versions with which all tests passed: Python {python} on {system}.
# `make constraints` writes them. pip takes them with  --constraint constraints.txt ; without it
# come the newest that pyproject.toml allows: .github/workflows/weekly.yml tries these every week.
# Not tried: {missing}
"""


def required(project: dict) -> list[Requirement]:
    """What the package and its extras need directly, our own name apart."""
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for one in extras.values() for line in one)]
    found = [Requirement(line) for line in lines]
    return [one for one in found if one.name != project["name"]]


def installed(wanted: list[Requirement]) -> tuple[dict[str, str], list[str]]:
    """Versions of the wanted packages and of what they need in turn; which are not installed.

    A local part ("2.13.0+cpu") is left out: it names a build, and other machines need others.
    """
    versions: dict[str, str] = {}
    missing, seen = [], set()
    queue = [(one, {""} | one.extras) for one in wanted]
    while queue:
        requirement, extras = queue.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        versions[name] = re.sub(r"\+.*", "", found.version)
        for line in found.requires or []:
            one = Requirement(line)
            if one.marker is None or any(one.marker.evaluate({"extra": each}) for each in extras):
                queue.append((one, {""} | one.extras))
    return versions, sorted(set(missing))


def main() -> None:
    """Write the file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions, missing = installed(required(project))
    python = ".".join(platform.python_version_tuple()[:2])
    system = f"{platform.system()} {platform.machine()}"
    head = HEAD.format(python=python, system=system, missing=", ".join(missing) or "none")
    lines = [f"{name}=={versions[name]}\n" for name in sorted(versions)]
    TARGET.write_text(head + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
