"""Writing a bundle in place of another: whole or not at all, the one before kept, never a gap."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import re
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT  # noqa: F401 (its folder is on the path of the processes started here)

from vocation.bundle import exchange, layout, storage, writer
from vocation.errors import BundleError

ONE_STEP = hasattr(exchange.ctypes.CDLL(None), "renameat2") if os.name == "posix" else False


def files(mark: str) -> dict[str, bytes]:
    """The files of a bundle; nothing here looks into them."""
    return {name: f"{mark} {name}".encode() for name in layout.WRITTEN}


def mark(folder: Path) -> str:
    """Which bundle is in `folder`; fails unless all of its files are of one bundle."""
    (found,) = {(folder / name).read_text("utf-8").split()[0] for name in layout.WRITTEN}
    return found


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with the bundle "first" and a file of the user's, alone in its folder."""
    folder = writer.write(tmp_path / "place" / "models", files("first"))
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    return folder


@pytest.fixture(params=["one step", "renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to exchange folders: that of this system, and that of those that cannot."""
    if request.param == "renames":
        monkeypatch.setattr(exchange, "_at_once", lambda *_: False)
    return str(request.param)


def test_the_bundle_before_and_the_users_files_are_kept(models: Path, way: str) -> None:
    (models / "own").mkdir()
    os.mkfifo(models / "own" / "pipe") if hasattr(os, "mkfifo") else None
    writer.check_writable(models)
    for text in ("second", "third"):
        assert writer.write(models, files(text)) == models
    assert (mark(models), mark(writer.previous_of(models))) == ("third", "second")
    assert names(models.parent) == ["models", "models.previous"]
    assert {"notes.txt", "own"} <= set(names(models))
    assert (models / "notes.txt").read_text(encoding="utf-8") == "mine"
    complete = {*layout.WRITTEN, layout.MANIFEST, layout.ZIP}
    assert set(names(writer.previous_of(models))) == complete
    assert set(json.loads((models / layout.MANIFEST).read_bytes())["files"]) == set(layout.WRITTEN)
    with zipfile.ZipFile(models / layout.ZIP) as archive:
        assert set(archive.namelist()) == {*layout.WRITTEN, layout.MANIFEST}


def test_rollback_goes_back_and_forth(models: Path, way: str) -> None:
    with pytest.raises(BundleError, match=r"models\.previous"):
        writer.rollback(models)
    writer.write(models, files("second"))
    for live, kept in (("first", "second"), ("second", "first")):
        previous = writer.rollback(models)
        assert (mark(models), mark(previous)) == (live, kept)
        assert (models / "notes.txt").read_text(encoding="utf-8") == "mine"
    for path in models.iterdir():
        path.unlink()
    models.rmdir()
    writer.rollback(models)
    assert (mark(models), names(models.parent)) == ("first", ["models"])


def test_a_candidate_takes_the_place_when_it_is_promoted(models: Path, way: str) -> None:
    with pytest.raises(BundleError, match=r"models\.candidate"):
        writer.promote(models)
    writer.write(models, files("second"))
    candidate = writer.candidate_of(models)
    for text in ("worse", "still-worse"):
        writer.write(candidate, files(text), keep=False)
    assert (mark(models), mark(candidate)) == ("second", "still-worse")
    assert mark(writer.promote(models)) == "second"
    assert mark(models) == "still-worse"
    assert names(models.parent) == ["models", "models.previous"]


@pytest.mark.parametrize("step", ["fsync", "chmod", "rename", "exchange"])
@pytest.mark.parametrize("times", [1, 2], ids=["first bundle before", "second"])
def test_a_bundle_that_cannot_be_written_leaves_the_old_ones(
    step: str, times: int, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if times == 2:
        writer.write(models, files("second"))
    before = {path: path.read_bytes() for path in models.parent.rglob("*") if path.is_file()}

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        if step in ("rename", "exchange"):
            disk.setattr(writer, "exchange", fail)
        if step != "exchange":
            disk.setattr(os, step, fail)
        with pytest.raises(BundleError, match=r"\d+ MB of free space"):
            writer.write(models, files("new"))
    left = {path: path.read_bytes() for path in models.parent.rglob("*") if path.is_file()}
    assert left == before, "nothing half-written is left behind"


@pytest.mark.parametrize("failing", [{2}, {2, 3}], ids=["second", "second and the way back"])
@pytest.mark.parametrize("error", [OSError(errno.EBUSY, "busy"), KeyboardInterrupt()], ids=repr)
def test_without_an_exchange_the_old_bundle_is_never_deleted_first(
    failing: set[int],
    error: BaseException,
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = writer.write(models.parent / "other", files("second"))
    rename, calls = os.rename, 0

    def counted(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls in failing:
            raise OSError(errno.EBUSY, "busy") if calls == 3 else error
        rename(source, target)

    monkeypatch.setattr(exchange, "_at_once", lambda *_: False)
    monkeypatch.setattr(os, "rename", counted)
    with pytest.raises((BundleError, OSError, KeyboardInterrupt)) as caught:
        exchange.exchange(other, models)
    kept = models
    if 3 in failing:
        (kept,) = models.parent.glob(".models-old-*/bundle")
        assert str(kept) in str(caught.value)
    assert (mark(kept), mark(other)) == ("first", "second")


def test_a_link_to_a_bundle_is_followed(models: Path, tmp_path: Path) -> None:
    link = tmp_path / "links" / "current"
    link.parent.mkdir()
    link.symlink_to(models)
    writer.check_writable(link)
    assert writer.write(link, files("second")) == link
    assert link.is_symlink()
    assert (mark(models), mark(writer.previous_of(link))) == ("second", "first")
    assert names(link.parent) == ["current"]


def test_a_place_that_cannot_hold_a_bundle_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    places = ["../file", "../file/models", "../loop", ".", "..", "/", str(tmp_path / "here")]
    if os.path.ismount("/proc"):
        places.append("/proc")
    for place in places:
        with pytest.raises(BundleError, match=re.escape(place)):
            writer.check_writable(place)
        with pytest.raises(BundleError, match=re.escape(place)):
            writer.write(place, dict.fromkeys(layout.WRITTEN, b""))
    assert names(tmp_path) == ["file", "here", "loop"]
    assert names(tmp_path / "here") == []


def test_a_folder_that_cannot_be_renamed_is_refused(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:  # as the system says for a bind mount, such as a Docker volume
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    (models / "own").mkdir()
    writer.check_writable(models)
    rename = os.rename
    for stuck in (models, models / "own"):
        with monkeypatch.context() as patched:
            patched.setattr(
                os, "rename", lambda a, b, stuck=stuck: (busy if a == stuck else rename)(a, b)
            )
            with pytest.raises(BundleError, match=os.strerror(errno.EBUSY)) as told:
                writer.check_writable(models)
        assert str(stuck) in str(told.value)
    assert names(models.parent) == ["models"]


def test_a_new_place_is_left_as_it_was(tmp_path: Path) -> None:
    writer.check_writable(tmp_path / "new" / "models")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda place: place.write_text("mine", encoding="utf-8"),
        lambda place: place.symlink_to(place.parent / "models"),
        lambda place: (place.mkdir(), (place / "thesis.txt").write_text("mine", encoding="utf-8")),
    ],
    ids=["file", "link", "folder of the user's"],
)
def test_the_users_own_models_previous_is_refused_before_training(
    make: Callable[[Path], object], models: Path
) -> None:
    place = writer.previous_of(models)
    make(place)
    for attempt in (writer.check_writable, lambda folder: writer.write(folder, files("second"))):
        with pytest.raises(BundleError, match=r"models\.previous"):
            attempt(models)
    assert mark(models) == "first"
    assert os.path.lexists(place)
    assert not place.is_dir() or place.is_symlink() or names(place) == ["thesis.txt"]


# --- kills, and many at once ----------------------------------------------------------------------

fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@fork
@pytest.mark.skipif(not ONE_STEP, reason="needs an exchange in one step")
@pytest.mark.parametrize("moment", range(8))
def test_a_kill_at_any_rename_leaves_a_good_bundle(
    moment: int, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each rename and exchange of a third writing, and behind the last one."""
    writer.write(models, files("second"))
    child = os.fork()
    if child == 0:
        count = 0

        def deadly(own: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*args: Any) -> Any:
                nonlocal count
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                count += 1
                return own(*args)

            return counted

        for target, name in (
            (os, "rename"), (os, "unlink"), (os, "rmdir"), (writer, "exchange"), (writer, "_discard"),
        ):  # fmt: skip
            monkeypatch.setattr(target, name, deadly(getattr(target, name)))
        writer.write(models, files("third"))
        os._exit(0)
    os.waitpid(child, 0)
    assert mark(models) in ("second", "third")
    assert [path.read_text("utf-8") for path in models.parent.rglob("notes.txt")] == ["mine"]
    writer.write(models, files("fourth"))
    assert names(models.parent) == ["models", "models.previous"], "the rest is cleared away"
    assert (mark(models), "notes.txt" in names(models)) == ("fourth", True)


def _write_often(folder: Path, text: str, times: int) -> None:
    for _ in range(times):
        writer.write(folder, files(text))


@fork
@pytest.mark.skipif(not ONE_STEP, reason="needs an exchange in one step")
def test_writers_take_turns_and_a_reader_never_meets_a_gap(models: Path) -> None:
    """The long version is `bundles` in fuzz/survival.py."""
    start = multiprocessing.get_context("fork").Process
    writers = [start(target=_write_often, args=(models, text, 8)) for text in ("a", "b", "c")]
    for process in writers:
        process.start()
    read = exchange.steady(read_checked)
    looks = 0
    while any(process.is_alive() for process in writers) or not looks:
        assert (models / layout.MANIFEST).exists()
        read(models)
        looks += 1
    for process in writers:
        process.join()
        assert process.exitcode == 0
    assert mark(models) in ("a", "b", "c")


def read_checked(path: str | Path) -> None:
    """Read all files as the reader does; those of two bundles do not fit one manifest."""
    folder = storage.Folder(Path(path))
    listed = json.loads(folder.read(layout.MANIFEST, layout.MB))["files"]
    for name in listed:
        content = folder.read(name, layout.MB)
        if json.loads(layout.manifest_of({name: content}))["files"][name] != listed[name]:
            raise BundleError(f"{name} is of another bundle")
