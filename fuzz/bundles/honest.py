"""The honest bundles: what the hostile ones are made of, and a hundred harmless ways to pack
them.
"""

from __future__ import annotations

import csv
import json
import os
import random
import zipfile
from pathlib import Path

from vocation.bundle import layout
from vocation.training.ensemble import build_ensemble

from .cases import Case

KINDS = ("tiny", "tasks", "ensemble", "default", "pair", "many")
_EXTRA = {
    "README": b"Take me to your team.\n",
    ".DS_Store": b"\0\0\0\1Bud1" + bytes(100),
    "notes.txt": b"",
    "LICENSE.md": b"MIT",
    "icon.png": b"\x89PNG\r\n",
}
_OWN_FOLDERS = ("old", ".git", "__pycache__")


def make(root: Path, default: Path | None) -> dict[str, Path]:
    """Train the honest bundles into `root`, seconds each, over a tiny base model; `default` is one
    of the default data, where it was given.
    """
    import conftest

    import vocation

    base = _base(root)
    rows = [[role, text] for role, texts in conftest.TINY.items() for text in texts]
    quick = {
        "base_model": str(base),
        "max_length": 32,
        "min_steps": 40,
        "num_epochs": 2,
        "hidden_dim": 16,
    }
    made: dict[str, Path] = {}
    many = [
        [f"{place} {role}", f"{text} in the {place}"]
        for place in map("District {}".format, range(40))
        for role, text in rows
    ]
    data = {
        "tiny": rows,
        "pair": [row for row in rows if row[0] in ("Baker", "Nurse")],
        "many": many,
    }
    for name, table in data.items():
        folder = root / name / "csv"
        folder.mkdir(parents=True)
        conftest.write_csv(folder / "profiles.csv", ["role", "profile"], table)
        made[name] = vocation.train(
            folder, root / name / "models", preset="head", config=quick
        ).folder
    made["tasks"] = vocation.train(
        _with_pay(root, rows), root / "tasks" / "models", preset="head", config=quick
    ).folder
    second = vocation.train(
        root / "tiny" / "csv",
        root / "second" / "models",
        preset="head",
        config={**quick, "seed": 7},
    ).folder
    build_ensemble([made["tiny"], second], root / "ensemble" / "models")
    made["ensemble"] = root / "ensemble" / "models"
    os.symlink(root / "tiny" / "csv", root / "ensemble" / "csv")
    if default is not None:
        made["default"] = _linked(default, root / "default" / "models")
        os.symlink(root / "tiny" / "csv", root / "default" / "csv")
    return made


def _base(root: Path) -> Path:
    import tiny_bases

    return tiny_bases.make(root / "base", "bert", tiny_bases.wordpiece)


def _with_pay(root: Path, rows: list[list[str]]) -> Path:
    """Rows with pay, so that the bundle has a tasks.json with figures in it."""
    folder = root / "tasks" / "csv"
    folder.mkdir(parents=True)
    with open(folder / "job_descriptions.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "role",
                "description",
                "requirements",
                "salary_min",
                "salary_max",
                "currency",
                "period",
            ]
        )
        writer.writerows(
            [role, text, "care", 30_000 + 100 * i, 40_000 + 100 * i, "USD", "year"]
            for i, (role, text) in enumerate(rows)
        )
    return folder


def _linked(source: Path, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for path in source.iterdir():
        if path.is_file():
            try:
                os.link(path, folder / path.name)
            except OSError:
                (folder / path.name).write_bytes(path.read_bytes())
    return folder


def pack(case: Case, number: int) -> str:
    """Pack the honest copy in `case` in the harmless way `number`; what was done, in words."""
    rng = random.Random(number)
    said = []
    single = (case.folder / layout.MODEL).exists()
    if single and rng.random() < 0.2 and (case.folder / layout.TASKS).exists():
        (case.folder / layout.TASKS).unlink()
        case.seal()
        said.append("without tasks.json")
    if rng.random() < 0.25:
        _rewrite(case, rng)
        said.append("JSON written in another way")
    form = rng.randrange(4)
    if form in (0, 3):
        for name, content in rng.sample(sorted(_EXTRA.items()), rng.randrange(4)):
            case.put(name, content)
            said.append(name)
    if form == 0:
        if (
            single
            and rng.random() < 0.4
            and case.road not in ("pull", "push", "check", "start-from")
        ):
            for name in (layout.WEIGHTS, layout.LABELS, layout.CARD):
                (case.folder / name).unlink()
            said.append("only what answers")
        for name in rng.sample(_OWN_FOLDERS, rng.randrange(3)):
            (case.folder / name).mkdir()
            (case.folder / name / "model.onnx").write_bytes(b"")
        return ", ".join(["folder", *said])
    method = zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_STORED
    if form == 1:
        case.zipped(method, shuffle=True)
    elif form == 2:
        _streamed(case, method)
        said.append("written as a stream")
    else:
        case.zipped(method, shuffle=rng.random() < 0.5)
        inside = case.folder.parent / "carried"
        inside.mkdir()
        os.rename(case.path, inside / layout.ZIP)
        case.path = inside
        said.append("in a folder of its own")
    return ", ".join([f"zip, {'deflated' if method else 'stored'}", *said])


def _rewrite(case: Case, rng: random.Random) -> None:
    """The same values in other spaces, another order of keys, escaped or not; hashes anew."""
    for name in (layout.METADATA, layout.PROFILES):
        value = case.json(name)
        indent = rng.choice([None, 1, 4])
        case.put(
            name,
            json.dumps(
                value, ensure_ascii=rng.random() < 0.5, indent=indent, sort_keys=rng.random() < 0.5
            ).encode(),
        )
    case.seal()


class _Stream:
    """A file that cannot go back, as a pipe: sizes then stand behind each entry."""

    def __init__(self, path: Path) -> None:
        self.file = open(path, "wb")  # noqa: SIM115 (closed by `close`)

    def write(self, data: bytes) -> int:
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def _streamed(case: Case, method: int) -> None:
    case.path = case.folder.parent / layout.ZIP
    stream = _Stream(case.path)
    with zipfile.ZipFile(stream, "w", method) as archive:  # type: ignore[arg-type]
        for name in (*case.names(), layout.MANIFEST):
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w") as entry:
                entry.write(case.read(name))
    stream.close()
