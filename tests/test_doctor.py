"""What `vocation doctor` finds, on this machine and on machines that lack something."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers import vocation

from vocation import doctor
from vocation.bundle import layout
from vocation.machine import Finding
from vocation.training import diagnosis
from vocation.training.encoder import base_models


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {one.name: one for one in findings}


def test_a_machine_that_trains_and_answers(bundle_folder: Path) -> None:
    start = time.monotonic()
    done = vocation("doctor", "--bundle", bundle_folder)
    assert done.returncode == 0, done.stdout
    assert time.monotonic() - start < 30, "seconds on an idle machine"
    for expected in (
        "ok      python",
        "ok      extra train    torch",
        "ok      base model     sentence-transformers/all-MiniLM-L6-v2: from the",
        "64 careers",
    ):
        assert expected in done.stdout
    value = {
        one["name"]: one
        for one in json.loads(vocation("doctor", "--bundle", bundle_folder, "--json").stdout)
    }
    assert {"python", "packages", "device", "threads", "disk", "memory", "cache", "bundle"} <= set(
        value
    )
    assert {one["kind"] for one in value.values()} <= {"ok", "note"}


def test_without_torch_it_is_shorter_and_still_works(bundle_folder: Path) -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['torch', 'transformers',"
        " 'sentence_transformers']))\nfrom vocation.cli import main; sys.exit(main(['doctor',"
        f" '--bundle', {str(bundle_folder)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "note    extra train    not installed (torch, transformers): no training" in done.stdout
    assert re.search(r'-> pip install .*\[train\]"', done.stdout)
    assert "64 careers, opened in" in done.stdout
    assert "base model" not in done.stdout


def test_a_damaged_bundle_is_broken_and_a_missing_one_is_not(
    bundle_folder: Path, tmp_path: Path
) -> None:
    assert by_name(list(doctor._bundle(tmp_path / "none")))["bundle"].kind == "note"
    shutil.copytree(bundle_folder, tmp_path / "models")
    (tmp_path / "models" / layout.NGRAMS).write_bytes(b"torn")
    done = vocation("doctor", "--bundle", tmp_path / "models")
    assert done.returncode == 1
    assert "broken  bundle" in done.stdout
    assert "ngrams.npy is not the file that was written" in done.stdout


def test_little_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bundle needs 300 MB while it is written: with 299 MB free training would stop at its
    end.
    """
    usage = namedtuple("usage", "free")
    for free, kind in ((299_000_000, "broken"), (1_900_000_000, "note"), (2_100_000_000, "ok")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(free))
        assert next(iter(doctor._room(tmp_path / "not" / "yet" / "there"))).kind == kind
    for free, kind in ((1_400_000_000, "note"), (None, "ok")):
        monkeypatch.setattr(doctor, "memory", lambda free=free: (free, 8_000_000_000))
        assert doctor._memory().kind == kind


def test_memory_is_known_on_linux() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc")
    free, total = doctor.memory()
    assert free is not None
    assert total is not None
    assert 0 < free <= total


def torch(cuda: bool = False, mps: bool = False, built: str | None = None, error: str = "") -> Any:
    """As much of PyTorch as the search for a GPU asks."""

    def ones(*_: int, device: str) -> Any:
        if error:
            raise RuntimeError(error)
        return SimpleNamespace(sum=lambda: SimpleNamespace(item=lambda: 64.0))

    return SimpleNamespace(
        ones=ones,
        version=SimpleNamespace(cuda=built, hip=None),
        cuda=SimpleNamespace(
            is_available=lambda: cuda,
            mem_get_info=lambda: (15e9, 16e9),
            get_device_name=lambda: "Tesla T4",
        ),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )


def test_the_gpu_that_is_there_and_the_one_that_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    good = diagnosis._device(torch(cuda=True, built="12.8"))
    assert (good.kind, good.found) == (
        "ok",
        "GPU, used for training: Tesla T4 (15.0 of 16.0 GB free, PyTorch for CUDA 12.8)",
    )
    assert diagnosis._device(torch(mps=True)).found == "Apple GPU (MPS), used for training"
    failing = diagnosis._device(
        torch(cuda=True, built="12.8", error="no kernel image is available")
    )
    assert (failing.kind, "no kernel image" in failing.found, "CUDA 12.8" in failing.cure) == (
        "broken",
        True,
        True,
    )

    monkeypatch.setattr(diagnosis, "_nvidia_seen", lambda: False)
    assert diagnosis._device(torch()).found.startswith("CPU: there is no GPU here")
    monkeypatch.setattr(diagnosis, "_nvidia_seen", lambda: True)
    unused = diagnosis._device(torch())
    assert (unused.kind, "pip uninstall torch" in unused.cure) == ("note", True)
    assert "update the driver" in diagnosis._device(torch(built="13.0")).cure
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert diagnosis._device(torch(built="12.8")).cure == "unset CUDA_VISIBLE_DEVICES"


def test_where_the_base_model_comes_from(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    found = diagnosis.base_model_finding(str(tiny_base))
    assert (found.kind, "from the folder" in found.found) == ("ok", True)
    assert diagnosis.base_model_finding("someone/not-here").kind == "note"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert diagnosis.base_model_finding("someone/not-here").kind == "broken"
    monkeypatch.setattr(base_models, "_SHA256", {"config.json": "0" * 64})
    damaged = diagnosis.base_model_finding(base_models.DEFAULT)
    assert (damaged.kind, "reinstall the package" in damaged.found) == ("broken", True)


def test_old_versions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """2.9 is older than 2.10, whatever the letters say; marks of a build ("+cpu") do not count."""
    wanted = ["numpy>=1.26", 'torch>=2.10; extra == "train"', 'ruff>=0.12; extra == "dev"']
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: wanted)
    there = {"numpy": "2.4.6", "torch": "2.9.1+cpu"}
    monkeypatch.setattr(doctor, "_version", lambda name: there.get(name, "missing"))
    old = [one for one in doctor._packages() if one.kind == "broken"]
    assert [one.found for one in old] == ["torch 2.9.1+cpu is older than 2.10"]
    assert old[0].cure == 'pip install --upgrade "torch>=2.10"'
