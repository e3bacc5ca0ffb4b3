"""Print the lowest versions that pyproject.toml allows, as requirements for pip.

    python scripts/lowest.py            # of everything that a user can install
    python scripts/lowest.py "" app     # of the package alone ("") and the extra app

The floor itself is required, so that each floor must be a version that exists.
"""

import re
import sys
import tomllib
from pathlib import Path

NOT_A_PART = ("dev", "docs")
"""Extras for those who work on vocation: their newest versions will do."""


def floors(extras: list[str]) -> list[str]:
    """One requirement for each package that the named extras ("" is none) need directly."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    optional = project["optional-dependencies"]
    parts = {"": project["dependencies"], **optional}
    wanted = extras or [name for name in parts if name not in NOT_A_PART]
    lines = {line for name in wanted for line in parts[name] if not line.startswith("vocation[")}
    return sorted(re.sub(r">=", "==", line) for line in lines)


if __name__ == "__main__":
    print("\n".join(floors(sys.argv[1:])))
