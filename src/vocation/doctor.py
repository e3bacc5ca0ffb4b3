"""Check whether this machine can train and answer; each finding says how to fix it.

Works where PyTorch is not installed, with fewer findings.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from vocation import __version__, base_languages
from vocation.errors import VocationError, explained
from vocation.install import install_command
from vocation.machine import Finding
from vocation.training import NEEDED

BASE = ("numpy", "onnxruntime", "pandas", "tokenizers", "tqdm")
EXTRAS = {
    "train": (NEEDED, "training"),
    "app": (("streamlit",), "web page"),
    "hub": (("huggingface_hub",), "push and pull"),
    "parquet": (("pyarrow",), "parquet files"),
    "report": (("tensorboard",), "--report-to tensorboard"),
}
"""The modules that each extra installs, and their purpose."""

LEAST_DISK, GOOD_DISK = 300_000_000, 2_000_000_000
"""Bytes that writing a bundle needs, and that fine-tuning with checkpoints and cache needs."""

GOOD_MEMORY = 1_500_000_000
"""Bytes of free memory that are enough for the default data, which takes about 1.2 GB."""

_DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "imblearn": "imbalanced-learn",
    "sentence_transformers": "sentence-transformers",
    "huggingface_hub": "huggingface-hub",
}
_REQUIREMENT = re.compile(r"^([\w.-]+)\s*>=\s*(\d[\d.]*)")


def examine(bundle: str | Path = "models", base_model: str | None = None) -> list[Finding]:
    """Run every check; `bundle` and `base_model` (None: the default one) are those to look for."""
    return [
        _python(),
        *_packages(),
        *_extras(),
        *_training(base_model),
        *_room(Path(bundle)),
        _memory(),
        _cache(),
        *_bundle(bundle),
    ]


def _python() -> Finding:
    system = f"{platform.system()} {platform.machine()}"
    found = f"{platform.python_version()} ({system}), vocation {__version__}"
    return Finding("ok", "python", found)


def _missing(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if importlib.util.find_spec(name) is None]


def _packages() -> Iterator[Finding]:
    missing = _missing(BASE)
    found = ", ".join(f"{name} {_version(name)}" for name in BASE if name not in missing)
    if missing:
        cure = f"missing {', '.join(missing)}: pip install vocation"
        yield Finding("broken", "packages", found, cure)
    else:
        yield Finding("ok", "packages", found)
    for name, wanted in _floors().items():
        if _numbers(_version(name)) < _numbers(wanted):
            yield Finding(
                "broken",
                "packages",
                f"{name} {_version(name)} is older than {wanted}",
                f'pip install --upgrade "{name}>={wanted}"',
            )


def _floors() -> dict[str, str]:
    """Minimum versions that this package requires of installed ones; empty where unknown."""
    try:
        wanted = metadata.requires("vocation") or []
    except metadata.PackageNotFoundError:
        return {}
    pairs = (found.groups() for line in wanted if (found := _REQUIREMENT.match(line)))
    return {name: floor for name, floor in pairs if _version(name) != "missing"}


def _version(name: str) -> str:
    try:
        return metadata.version(_DISTRIBUTIONS.get(name, name))
    except metadata.PackageNotFoundError:
        return "missing"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def _extras() -> Iterator[Finding]:
    for extra, (names, purpose) in EXTRAS.items():
        name = f"extra {extra}"
        if missing := _missing(names):
            found = f"not installed ({', '.join(missing)}): no {purpose}"
            yield Finding("note", name, found, install_command(extra))
        else:
            yield Finding("ok", name, ", ".join(f"{each} {_version(each)}" for each in names))


def _training(base_model: str | None) -> Iterator[Finding]:
    if _missing(NEEDED):
        yield Finding(
            "note",
            "device",
            "not checked: training is not installed; answers are computed on the CPU",
        )
        return
    from vocation.training import diagnosis
    from vocation.training.encoder import base_models

    yield from diagnosis.torch_findings()
    yield diagnosis.base_model_finding(base_model or base_models.DEFAULT)


def _room(bundle: Path) -> Iterator[Finding]:
    place = next(folder for folder in (bundle, *bundle.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.1f} GB free at {place}"
    if free < LEAST_DISK:
        cure = f"make room: a bundle needs {LEAST_DISK / 1e6:.0f} MB while it is written"
        yield Finding("broken", "disk", found, cure)
    elif free < GOOD_DISK:
        cure = "enough for a bundle; fine-tuning also keeps checkpoints of up to 1 GB"
        yield Finding("note", "disk", found, cure)
    else:
        yield Finding("ok", "disk", found)
    if not os.access(place, os.W_OK):
        cure = "train with --output in a folder of yours"
        yield Finding("note", "disk", f"{place} cannot be written to", cure)


def _memory() -> Finding:
    free, total = memory()
    if total is None:
        return Finding("ok", "memory", "not known on this system")
    found = f"{total / 1e9:.1f} GB" + (f", {free / 1e9:.1f} GB free" if free is not None else "")
    if (total if free is None else free) < GOOD_MEMORY:
        cure = "close other programs; batch_size 16, max_length 64 or --limit 1000 need less"
        return Finding("note", "memory", found, cure)
    return Finding("ok", "memory", found)


def memory() -> tuple[int | None, int | None]:
    """Free and total bytes of memory for this process, None where the system does not say.

    A container's limit counts, not the machine's memory.
    """
    free = total = None
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        lines = Path("/proc/meminfo").read_text(encoding="ascii")
        free = int(re.findall(r"MemAvailable:\s+(\d+) kB", lines)[0]) * 1024
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        if limit.isdecimal() and int(limit) < total:
            used = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
            free, total = min(free, int(limit) - used), int(limit)
    except (AttributeError, OSError, ValueError, IndexError):  # another system, or no container
        pass
    return free, total


def _cache() -> Finding:
    from vocation.training import diagnosis
    from vocation.training.encoder import cache

    try:
        folder = cache.folder()
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        cure = (
            "set VOCATION_CACHE to a folder of yours; without a cache every training encodes all"
            " texts again"
        )
        return Finding("note", "cache", f"cannot be written ({error})", cure)
    count, size = diagnosis.cache_size(folder)
    cure = "may be deleted at any time" if size > GOOD_DISK else ""
    return Finding("ok", "cache", f"{size / 1e6:.0f} MB in {count} files in {folder}", cure)


def _bundle(path: str | Path) -> Iterator[Finding]:
    if not Path(path).exists():
        cure = "train one with  vocation train, or fetch one with  vocation pull"
        yield Finding("note", "bundle", f"there is none at {path}", cure)
        return
    from vocation.serving.recommend import Recommender

    try:
        start = time.perf_counter()
        recommender = Recommender.load(path)
        opened = time.perf_counter()
        recommender.recommend("I like taking engines apart")
        answered = time.perf_counter()
    except (VocationError, OSError, MemoryError) as error:
        yield Finding("broken", "bundle", explained(error) or str(error))
        return
    found = (
        f"{path}: {len(recommender.classes)} careers, opened in {opened - start:.1f} s, answered in"
        f" {1000 * (answered - opened):.0f} ms"
    )
    if answered - opened < 0.2:
        yield Finding("ok", "bundle", found)
    else:
        yield Finding("note", "bundle", found, "answers take longer than 200 ms here")
    if strange := base_languages.of_bundle(recommender.metadata):
        what, _, cure = strange.partition(": ")
        yield Finding("note", "languages", what, cure)
