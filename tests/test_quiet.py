"""Nothing phones home: no name is looked up and nothing is left in a fresh home.

Libraries report usage by themselves, some of them ten seconds after they were loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from helpers import PAGE
from packaging.version import Version

SECONDS = {"command": 60, "training": 60}  # they end by themselves
REPORTS = Version("1.29")  # the first onnxruntime that has the address in it
STAY = 20  # seconds for the others; onnxruntime reports ten seconds after a session was made
ANSWER = "import vocation; vocation.load_model({bundle!r}).recommend('I bake bread', explain=True)"
PAGE_OPENED = (
    "from streamlit.testing.v1 import AppTest; import time;"
    " AppTest.from_file({page!r}, default_timeout=60).run(); time.sleep(60)"
)
WAYS = {
    "python": [sys.executable, "-c", ANSWER + "; import time; time.sleep(60)"],
    "command": [
        *[sys.executable, "-m", "vocation.cli", "score", "{texts}", "--text-column", "text"],
        *["--output", "{scored}", "--bundle", "{bundle}"],
    ],
    "server": [sys.executable, "-m", "vocation.cli", "app", "--bundle", "{bundle}"],
    "page": [sys.executable, "-c", "import vocation; " + PAGE_OPENED],
    "training": [
        *[sys.executable, "-m", "vocation.cli", "train", "{data}", "--preset", "head"],
        *["--output", "{models}"],
    ],
}


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """A command in front of another one that cuts it off the network and prints its look-ups."""
    command = ["unshare", "--map-root-user", "--net"]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a network namespace cannot be made here: {error}")
    return [*command, sys.executable, str(Path(__file__).with_name("name_lookups.py"))]


def start(
    namespace: list[str], way: str, home: Path, values: dict[str, str], **variables: str
) -> subprocess.Popen[str]:
    """Start one way in, with an environment that holds no variable of this machine.

    onnxruntime reports nothing where CI, GITHUB_ACTIONS or the like are set: with them this test
    could not fail.
    """
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(PAGE), *sys.path]),
        "OMP_NUM_THREADS": "1",
        "VOCATION_BUNDLE": values["bundle"],
        **variables,
    }
    words = [word.format(**values) for word in WAYS[way]]
    return subprocess.Popen(
        [*namespace, str(SECONDS.get(way, STAY)), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_no_way_in_looks_up_a_name(
    namespace: list[str], bundle_folder: Path, tmp_path: Path
) -> None:
    """With the variable at 0, the user's choice, onnxruntime does: so a missing one is noticed."""
    texts, data, models = tmp_path / "texts.csv", tmp_path / "data.csv", tmp_path / "models"
    texts.write_text("text\nI bake bread\n")
    rows = [f"{career},{career} row {n} likes {n * 7}" for career in ("A", "B") for n in range(6)]
    data.write_text("\n".join(["role,resume", *rows]))
    values = {
        "bundle": str(bundle_folder),
        "page": str(PAGE / "app.py"),
        "texts": str(texts),
        "data": str(data),
        "models": str(models),
        "scored": str(tmp_path / "scored.csv"),
    }
    started = {way: start(namespace, way, tmp_path / way, values) for way in WAYS}
    loud = start(namespace, "python", tmp_path / "loud", values, ORT_DISABLE_TELEMETRY="0")
    for way, process in started.items():
        asked, errors = process.communicate(timeout=120)
        assert process.returncode == 0, f"{way}: {errors}"
        assert asked == "", f"{way} looked names up"
        kept = {path.relative_to(tmp_path / way) for path in (tmp_path / way).rglob("*")}
        assert all(".cache/vocation" in f"{path}/" or str(path) == ".cache" for path in kept), kept
    if Version(version("onnxruntime")) < REPORTS:
        pytest.skip("this version of onnxruntime reports nothing: whatever we do, the test passes")
    assert "mobile.events" in loud.communicate(timeout=120)[0], "this test cannot fail here"
