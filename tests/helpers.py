"""What several test modules use: the command line, recorded progress, records, edited bundles."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from vocation.bundle import layout
from vocation.config import TrainConfig
from vocation.progress import NullProgress
from vocation.records import Career

PAGE = Path(__file__).parents[1] / "streamlit_app"
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage"
    " --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    " --window-size=800,740"
)
WEB = "I love programming and building web applications with Python and JavaScript"


def vocation(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "vocation.cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
    )


class Lines(NullProgress):
    """Keeps the lines of progress; `str()` joins them."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str = "") -> None:
        self.lines.append(text)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def share(value: float, low: float, high: float) -> dict[str, float]:
    """A share of 100 rows with its interval, as in model_metadata.json."""
    return {"value": value, "low": low, "high": high, "n": 100}


def metadata(
    accuracy: dict[str, float], trained: str = "2026-11-23T05:24:16Z", **config: Any
) -> dict[str, Any]:
    """What training leaves in model_metadata.json, as far as a record takes it over."""
    test = {
        "accuracy": accuracy,
        "top_3": share(0.98, 0.96, 0.99),
        "set_coverage": share(0.9, 0.8, 0.95),
        "mrr": share(0.9, 0.8, 0.95),
    }
    return {
        "classes": ["Baker", "Nurse"],
        "trained": trained,
        "training_seconds": 61.5,
        "preset": "head",
        "device": "CPU (2 threads)",
        "config": {**TrainConfig().to_dict(), **config},
        "dataset": {
            "sha256": "ab" * 32,
            "rows": 1200,
            "roles": 2,
            "level": "best",
            "samples_per_source": {"qa": 1000, "profiles": 200},
        },
        "metrics": {
            "test": {**test, "macro_f1": 0.8, "calibration_error": 0.03, "set_size": 1.5},
            "by_source": {"qa": accuracy},
        },
        "versions": {"python": "3.11.7"},
        "languages": ["English"],
        "size_bytes": 73_000_000,
        "sample_predictions": [
            {"text": "I like taking engines apart", "decision": "match", "careers": []}
        ],
    }


def seal(folder: Path) -> Path:
    """Write a manifest that fits the files of `folder`."""
    contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    files = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    manifest = json.dumps({"format": layout.FORMAT, "files": files})
    (folder / layout.MANIFEST).write_text(manifest, "utf-8")
    return folder


def fit_public_texts(folder: Path) -> None:
    """Give the bundle in `folder` as many vectors as its careers have public texts."""
    table = np.load(folder / layout.PUBLIC_TEXTS)
    careers = map(Career.from_dict, json.loads((folder / layout.PROFILES).read_text("utf-8")))
    rows = sum(len(career.public_texts()) for career in careers)
    np.save(folder / layout.PUBLIC_TEXTS, np.resize(table, (rows, table.shape[1])))


def edited(source: Path, target: Path, changed: dict[str, object]) -> Path:
    """Copy the bundle `source` with other values in some JSON files, and seal it."""
    target.mkdir()
    for name in (*layout.SERVING, *layout.OPTIONAL):
        if name in layout.SERVING or (source / name).is_file():
            shutil.copy(source / name, target / name)
    for name, value in changed.items():
        (target / name).write_text(json.dumps(value), "utf-8")
    if layout.PROFILES in changed:
        fit_public_texts(target)
    return seal(target)


HOSTILE = (
    r"<script>alert(1)</script> ![x](http://x) $\LaTeX$ :smile: **b** [a](http://www.x.example)"
)


def hostile_bundle(source: Path, target: Path) -> Path:
    """Copy the bundle `source` with HOSTILE as every text about a career, and seal it."""

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            codes = ("isco08", "soc")  # no texts: any other form is refused
            return {
                key: inside if key in codes else poison(inside) for key, inside in value.items()
            }
        if isinstance(value, list):
            return [poison(inside) for inside in value]
        return HOSTILE if isinstance(value, str) else value

    careers = poison(json.loads((source / layout.PROFILES).read_text("utf-8")))
    for number, career in enumerate(careers):
        career["name"] = f"{HOSTILE} {number}"
    record = json.loads((source / layout.METADATA).read_text("utf-8"))
    record |= {"classes": [career["name"] for career in careers], "known_limits": [HOSTILE]}
    target.mkdir()
    for name in layout.SERVING:
        shutil.copy(source / name, target / name)
    (target / layout.PROFILES).write_text(json.dumps(careers), "utf-8")
    (target / layout.METADATA).write_text(json.dumps(record), "utf-8")
    return seal(target)
