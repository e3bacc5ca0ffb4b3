"""What an installed user has: the wheel, built and installed into an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_works_where_the_repository_is_not(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",  # the sdist, and of that the wheel: so the sdist is enough to build from
            "--no-isolation",
            "--outdir",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    assert "vocation/default_data/profiles.csv" in names
    assert "vocation/py.typed" in names
    assert "vocation/app/app.py" in names
    assert wheel.stat().st_size < 3_000_000
    site = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            "--target",
            str(site),
            str(wheel),
        ],
        check=True,
    )
    code = (
        "import vocation, vocation.data.dataset as d; print(vocation.__file__);"
        " print(d.load().report.level)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        check=True,
    )
    assert done.stdout.splitlines() == [str(site / "vocation" / "__init__.py"), "best"]
