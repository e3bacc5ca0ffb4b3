"""Files that were changed, cut, exchanged or left out, and things that are no files."""

from __future__ import annotations

import os

from vocation.bundle import ensemble, layout

from .cases import READING, Case, technique

_TAMPERED = "MITRE CWE-345 and CWE-353: contents that are not those that were signed for"
_SERVED = (*layout.SERVING, ensemble.LIST)


def _any(case: Case) -> str:
    return case.rng.choice([name for name in case.names() if name.removeprefix("1-") in _SERVED])


@technique(_TAMPERED)
def changed(case: Case) -> None:
    name = _any(case)
    content = bytearray(case.read(name))
    for _ in range(case.rng.choice([1, 1, 50])):
        content[case.rng.randrange(len(content))] ^= case.rng.randrange(1, 256)
    case.put(name, bytes(content))
    case.sealed = False


@technique(_TAMPERED)
def cut(case: Case) -> None:
    name = _any(case)
    content = case.read(name)
    case.put(name, content[: case.rng.choice([0, 1, len(content) // 2, len(content) - 1])])
    case.sealed = False


@technique(_TAMPERED)
def longer(case: Case) -> None:
    name = _any(case)
    case.put(name, case.read(name) + bytes(case.rng.choice([1, 1000])))
    case.sealed = False


@technique(_TAMPERED)
def exchanged(case: Case) -> None:
    one, other = case.file(layout.PROFILES), case.file(layout.METADATA)
    first, second = case.read(one), case.read(other)
    case.put(one, second)
    case.put(other, first)
    case.sealed = case.rng.random() < 0.5


@technique("A download that was cut off")
def missing(case: Case) -> None:
    (case.folder / _any(case)).unlink()
    case.sealed = case.rng.random() < 0.5


@technique("A download that was cut off")
def without_manifest(case: Case) -> None:
    (case.folder / layout.MANIFEST).unlink()
    case.sealed = False


@technique(_TAMPERED)
def manifest_lies(case: Case) -> None:
    name = _any(case)
    manifest = case.json(layout.MANIFEST)
    entry = manifest["files"][name]
    ways = [
        {"size": entry["size"] + 1},
        {"size": -1},
        {"size": "x"},
        {"sha256": "0" * 64},
        {"sha256": entry["sha256"].upper()},
        {"size": 2**62},
        {"sha256": None},
    ]
    manifest["files"][name] = case.rng.choice(
        [{**entry, **way} for way in ways] + [None, [], 5, "x"]
    )
    case.put_json(layout.MANIFEST, manifest)
    case.sealed = False


@technique(_TAMPERED)
def manifest_of_another_kind(case: Case) -> None:
    manifest = case.json(layout.MANIFEST)
    ways = [
        [],
        {},
        5,
        {"format": 2},
        {"format": 2, "files": []},
        {"format": 99, "files": manifest["files"]},
        {"format": True, "files": {}},
        {"format": 2, "files": None},
    ]
    case.put_json(layout.MANIFEST, case.rng.choice(ways))
    case.sealed = False


@technique("MITRE CWE-59: links", as_zip=False)
def linked_file(case: Case) -> None:
    name = _any(case)
    target = case.rng.choice(
        [str(case.secret), "/etc/passwd", "/dev/zero", "/proc/self/environ", name, "nowhere"]
    )
    (case.folder / name).unlink()
    os.symlink(target, case.folder / name)
    case.sealed = False


@technique("MITRE CWE-59: links to an honest copy outside", as_zip=False)
def linked_to_the_same(case: Case) -> None:
    name = _any(case)
    outside = case.folder.parent / name
    os.rename(case.folder / name, outside)
    os.symlink(outside, case.folder / name)
    case.sealed = False


@technique("MITRE CWE-67: pipes and folders in the place of files", as_zip=False)
def no_file(case: Case) -> None:
    name = _any(case)
    (case.folder / name).unlink()
    if case.rng.random() < 0.5:
        os.mkfifo(case.folder / name)
    else:
        (case.folder / name).mkdir()
    case.sealed = False


@technique("MITRE CWE-770: a file without end", as_zip=False)
def endless_file(case: Case) -> None:
    name = _any(case)
    os.unlink(case.folder / name)
    with open(case.folder / name, "wb") as file:
        file.truncate(case.rng.choice([3_000_000_000, 40_000_000_000]))
    case.sealed = False


@technique("MITRE CWE-345: files of two trainings", READING)
def of_another_career(case: Case) -> None:
    """Right contents, right hashes, and a list of careers that is one short."""
    name = case.file(layout.METADATA)
    value = case.json(name)
    value["classes"] = value["classes"][:-1]
    case.put_json(name, value)
