"""A file is written whole, or what was there stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vocation.files import atomic_write, replacing


def write_half(path: Path, fail: bool) -> None:
    with replacing(path) as file:
        file.write(b"half")
        if fail:
            raise ValueError("the writer gave up")


def full_disk(*_: Any) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("content", [b"new \xe2\x82\xac", "new €"])
def test_the_new_content_replaces_the_old(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    assert atomic_write(path, content) == path
    assert path.read_bytes() == "new €".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace", None])
def test_after_any_failure_the_old_content_is_there_and_nothing_else(
    step: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    if step is not None:
        monkeypatch.setattr(os, step, full_disk)
    with pytest.raises((OSError, ValueError)):
        write_half(path, fail=step is None)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_permissions_are_those_asked_for(tmp_path: Path) -> None:
    path = atomic_write(tmp_path / "private", b"", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("links", [True, False])
def test_an_existing_file_can_be_protected(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", full_disk)
    path = atomic_write(tmp_path / "file", "first", overwrite=False)
    with pytest.raises(FileExistsError):
        atomic_write(path, "second", overwrite=False)
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old")
    (tmp_path / "link").symlink_to("target")
    atomic_write(tmp_path / "link", "new")
    assert target.read_text() == "new"
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_a_regular_file_is_replaced(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "it")
    before = (tmp_path / "it").stat()
    with pytest.raises(OSError, match="not a regular file"):
        atomic_write(tmp_path / "it", "new")
    assert (tmp_path / "it").stat().st_ino == before.st_ino
