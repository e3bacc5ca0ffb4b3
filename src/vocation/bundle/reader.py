"""The disk contract: which files a bundle has, how they are written all or none, and how they are
read without trusting them.

A bundle comes from a stranger. Names, sizes and hashes are checked before a byte is parsed, nothing
is unpickled, nothing is unpacked to disk, and no path inside a bundle is ever followed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import check_json as strict
from vocation.bundle import check_pickle as pickles
from vocation.bundle import ensemble
from vocation.bundle.storage import Folder, Memory, Source, Zip
from vocation.bundle.tasks import Tasks
from vocation.bundle.tasks import from_json as tasks_from_json
from vocation.errors import BundleError
from vocation.records import Career
from vocation.text.ngrams import BUCKETS

FORMAT = 3
"""Version of this contract; a reader refuses any other."""

MB = 1_000_000

WEIGHTS = "career_model_cpu.pth"
LABELS = "label_encoder.pkl"
EMBEDDINGS = "career_embeddings.npy"
METADATA = "model_metadata.json"
MODEL, TOKENIZER, PROFILES = "model.onnx", "tokenizer.json", "profiles.json"
NGRAMS, NGRAM_FACTORS = "ngrams.npy", "ngram_factors.npy"
TASKS = "tasks.json"
CARD, MANIFEST = "MODEL_CARD.md", "manifest.json"
ZIP = "trained_models.zip"

SERVING = {
    MODEL: 1200 * MB,
    TOKENIZER: 64 * MB,
    NGRAMS: 512 * MB,
    NGRAM_FACTORS: 1 * MB,
    PROFILES: 64 * MB,
    EMBEDDINGS: 256 * MB,
    METADATA: 16 * MB,
}
"""What the reader opens, with the largest size it accepts for each file."""

OPTIONAL = {TASKS: 16 * MB}
"""What the reader opens where the manifest lists it: a bundle without them is whole."""

_MEMBER_FILES = SERVING | OPTIONAL

WRITTEN = (
    WEIGHTS,
    LABELS,
    EMBEDDINGS,
    METADATA,
    MODEL,
    TOKENIZER,
    NGRAMS,
    NGRAM_FACTORS,
    PROFILES,
    CARD,
)
"""What the writer must be given; manifest and zip are made from these."""

OF_ENSEMBLE = (ensemble.LIST, METADATA, PROFILES, CARD)
"""What an ensemble has besides the numbered files of its members."""

_GUIDE_FILES = (WEIGHTS, LABELS, EMBEDDINGS, METADATA)
_MANIFEST_LIMIT = 1 * MB
_OTHER_LIMIT = 2000 * MB  # of a file that is carried along and never opened here
_EMPTY_ANSWER = (
    "copy every file of trained_models.zip into the folder, or train again with  vocation train"
)


_MOST_SKILLS = 20_000  # different ones; each takes microseconds and kilobytes to be looked for
_WIDEST = 8192  # numbers in a career's vector; no encoder has more
_NPY_HEADER = 4096
_NPY = re.compile(
    rb"\{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \((\d{1,12}), (\d{1,12}),?\),?"
    rb" ?\} *\n"
)  # as numpy writes it
_SHARE = {"value": strict.NUMBER, "low": strict.NUMBER, "high": strict.NUMBER, "n": int}
_FIGURES = {
    "accuracy": _SHARE,
    "top_3": _SHARE,
    "macro_f1": strict.NUMBER,
    "calibration_error": strict.NUMBER,
}
_WEIGHTS = {"classifier?": strict.NUMBER, "similarity?": strict.NUMBER, "ngrams?": strict.NUMBER}
_CALIBRATION = {
    **dict.fromkeys(
        ("set_threshold?", "confidence_threshold?", "domain_threshold?", "domain_confidence?"),
        strict.NUMBER,
    ),
    "logit_threshold?": (None, strict.NUMBER),
    **dict.fromkeys(("weights?", "weights_without_ngrams?"), _WEIGHTS),
}
_SHAPE = {
    "classes": [str],
    "languages?": [str],
    "calibration?": _CALIBRATION,
    "config?": {"base_model?": str},
    "dataset?": (
        None,
        {
            "sha256?": str,
            "level?": str,
            "rows?": int,
            "roles?": int,
            "samples_per_source?": {...: int},
        },
    ),
    "known_limits?": [str],
    "metrics?": (None, {"test": _FIGURES}),
    "preset?": str,
    "trained?": str,
}
"""Of the metadata what commands and the page rely on. Older bundles may lack what ends with a
question mark.
"""


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """The checked serving part of a bundle: everything that a recommender needs, and nothing still
    to be verified but the model itself.
    """

    where: str
    model: bytes
    tokenizer: bytes
    careers: tuple[Career, ...]
    embeddings: NDArray[np.float32]
    ngrams: NDArray[np.int8]
    ngram_factors: NDArray[np.float16]
    metadata: Mapping[str, Any]
    tasks: Tasks = field(default_factory=Tasks)
    members: tuple[
        LoadedBundle, ...
    ] = ()  # of an ensemble; those that share a network hold the same bytes in `model`


# --------------------------------------------------------------------------------------------------


def check_writable(folder: str | Path) -> None:
    """Raise BundleError where no bundle could be written to `folder`, before the hours that make
    one. Leaves nothing but the folders above it.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise BundleError(
            f"expected a folder for the bundle, found the file {folder}: name another one with"
            " --output"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise BundleError(
            f"nothing can be written beside {folder} ({error.strerror}): name another folder with"
            " --output"
        ) from None


def write(folder: str | Path, files: Mapping[str, bytes]) -> Path:
    """Write a complete bundle (the files of WRITTEN, a manifest, and the zip of all of them) in
    place of `folder`, or leave `folder` as it was.

    An ensemble has the files of OF_ENSEMBLE and those of its members instead. Other files that lie
    in `folder` stay there. Returns the folder; raises BundleError when the disk refuses.
    """
    folder = Path(folder)
    missing = [name for name in names_of(files) if name not in files]
    if missing:
        raise ValueError(f"a bundle needs {', '.join(missing)}")
    stage = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        _fill(stage, files)
        _swap(stage, folder)
    except OSError as error:
        need = sum(map(len, files.values())) * 2 / MB
        raise BundleError(
            f"the bundle could not be written to {folder} ({error.strerror}): about {need:.0f} MB"
            " of free space are needed there"
        ) from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
    return folder


def names_of(present: Collection[str]) -> list[str]:
    """The files that a bundle has by what is `present`: WRITTEN and what is there of OPTIONAL, or
    those of an ensemble.
    """
    if ensemble.LIST in present:
        return [*OF_ENSEMBLE, *ensemble.own_files(present, _MEMBER_FILES)]
    return [*WRITTEN, *(name for name in OPTIONAL if name in present)]


def names_here(present: Collection[str]) -> set[str]:
    """Those of `present` that belong to a bundle of any kind: a new one in the same place replaces
    them all.
    """
    return {*WRITTEN, *OPTIONAL, *OF_ENSEMBLE, *ensemble.own_files(present, _MEMBER_FILES)} & set(
        present
    )


def _fill(stage: Path, files: Mapping[str, bytes]) -> None:
    everything = {**dict(sorted(files.items())), MANIFEST: manifest_of(files)}
    with zipfile.ZipFile(stage / ZIP, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in everything.items():
            entry = zipfile.ZipInfo(
                name
            )  # no clock in it, and names in order: equal contents, equal zip
            entry.external_attr = (
                0o100644 << 16
            )  # unzipped files can be read by a server under another user
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    for name, data in everything.items():  # the manifest is last
        with open(stage / name, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """The manifest of a bundle that holds `files`: format, and size and sha256 of each."""
    listed = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    }
    return json.dumps({"format": FORMAT, "files": listed}, indent=1).encode()


def _swap(stage: Path, folder: Path) -> None:
    os.chmod(stage, 0o755)
    if not folder.exists():
        os.rename(stage, folder)
        return
    ours = {*names_here([path.name for path in folder.iterdir()]), MANIFEST, ZIP}
    for other in folder.iterdir():
        if other.name not in ours:
            if other.is_dir() and not other.is_symlink():
                shutil.copytree(other, stage / other.name, symlinks=True)
            else:
                shutil.copy2(other, stage / other.name, follow_symlinks=False)
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.rename(folder, old / "bundle")
    try:
        os.rename(stage, folder)
    except OSError:
        os.rename(old / "bundle", folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


# --------------------------------------------------------------------------------------------------


def is_pytorch_only(path: str | Path) -> bool:
    """Whether a folder holds the four PyTorch files of a bundle and none of those that only serving
    reads.
    """
    path = Path(path)
    others = (MODEL, TOKENIZER, NGRAMS, NGRAM_FACTORS, PROFILES, MANIFEST, ZIP)
    return (
        path.is_dir()
        and all((path / name).is_file() for name in _GUIDE_FILES)
        and not any((path / name).exists() for name in others)
    )


def read(path: str | Path) -> LoadedBundle:
    """Open and check the serving part of a bundle folder, of a trained_models.zip, or of a folder
    that holds only that zip.

    Raises BundleError with one sentence for anything missing, damaged, oversized, of another
    version, or not of the agreed shape.
    """
    path = _at(path)
    with _source(path) as source:
        return _check(source, str(path))


def read_whole(path: str | Path) -> dict[str, bytes]:
    """The contents of every file of the bundle at `path` (folder or zip): WRITTEN, and OPTIONAL
    where it is there, or those of an ensemble.

    Each is the one that the manifest lists. They are checked as `read` would; what else lies there
    is left alone. Raises BundleError as `read` does, also where a file is missing that only PyTorch
    users need.
    """
    path = _at(path)
    with _source(path) as source:
        listed = _listed(source, str(path))
        wanted = names_of(listed)
        lacking = [name for name in wanted if name not in listed or name not in source.names()]
        if lacking:
            _check(source, str(path))  # the nearer reason, where serving lacks something too
            raise BundleError(
                f"{path} is not a complete bundle, it lacks {', '.join(lacking)}: {_EMPTY_ANSWER}"
            )
        files = {name: _verified(source, listed, name, _limit(name), str(path)) for name in wanted}
    if WEIGHTS in files:
        pickles.check_labels(files[LABELS], str(path))
        pickles.check_weights(io.BytesIO(files[WEIGHTS]), f"{path}: {WEIGHTS}")
    read_files(files, str(path))
    return files


def read_serving(path: str | Path) -> dict[str, bytes]:
    """The contents of the files of the bundle at `path`, of one model, that answer questions,
    checked as `read` does.
    """
    path = _at(path)
    with _source(path) as source:
        listed = _listed(source, str(path))
        if ensemble.LIST in listed:
            raise BundleError(f"{path} is an ensemble itself: name the bundles that it was made of")
        _check(source, str(path))
        return {
            name: _verified(source, listed, name, limit, str(path))
            for name, limit in _MEMBER_FILES.items()
            if name in listed
        }


def verify(file: Path) -> None:
    """Raise BundleError where the manifest beside `file` lists it, but not with these contents.

    Without a manifest, or with one of another version, there is nothing to compare.
    """
    source, where = Folder(file.parent), str(file.parent)
    if file.exists() and (file.parent / MANIFEST).exists():
        manifest = _json(source.read(MANIFEST, _MANIFEST_LIMIT), MANIFEST, where)
        ours = strict.fits(manifest, {"format": int, "files": {}}) and manifest["format"] == FORMAT
        if ours and file.name in manifest["files"]:
            _verified(source, manifest["files"], file.name, _OTHER_LIMIT, where)


def metadata(folder: Path) -> dict[str, Any]:
    """The metadata that lie in `folder`, of a bundle or of a part of one; empty where there are
    none. Raises BundleError for any other shape.
    """
    if not (folder / METADATA).exists():
        return {}
    found = _json(Folder(folder).read(METADATA, _limit(METADATA)), METADATA, str(folder))
    _classes(found, str(folder))
    return dict(found)


def _limit(name: str) -> int:
    """The largest size accepted of the file `name` of a bundle, be it a member's."""
    return {**_MEMBER_FILES, ensemble.LIST: _MANIFEST_LIMIT}.get(
        re.sub(r"^\d-", "", name), _OTHER_LIMIT
    )


def _at(path: str | Path) -> Path:
    path = Path(path)
    if path.is_dir() and not (path / MANIFEST).is_file() and (path / ZIP).is_file():
        path = path / ZIP
    if not path.exists():
        raise BundleError(
            f"there is no bundle at {path}: train one with  vocation train --output {path}"
        )
    return path


def _source(path: Path) -> Folder | Zip:
    return Folder(path) if path.is_dir() else Zip(path)


def read_files(files: Mapping[str, bytes], where: str) -> LoadedBundle:
    """The same checks on files that are still in memory, as `write` would write them."""
    return _check(Memory({**files, MANIFEST: manifest_of(files)}), where)


def _check(source: Source, where: str) -> LoadedBundle:
    present = source.names()
    if ensemble.LIST in present and ensemble.LIST in (listed := _listed(source, where)):
        return _check_ensemble(source, listed, where)
    missing = [name for name in (*SERVING, MANIFEST) if name not in present]
    if missing and all(name in present for name in _GUIDE_FILES):
        raise BundleError(
            f"{where} holds the four files for PyTorch but lacks those that answer questions"
            f" ({', '.join(missing)}): {_EMPTY_ANSWER}"
        )
    if missing:
        raise BundleError(
            f"{where} is not a complete bundle, it lacks {', '.join(missing)}: {_EMPTY_ANSWER}"
        )
    listed = _listed(source, where)
    wanted = SERVING | {name: limit for name, limit in OPTIONAL.items() if name in listed}
    if gone := [name for name in wanted if name not in present]:
        raise BundleError(
            f"{where} is not a complete bundle, it lacks {', '.join(gone)}: {_EMPTY_ANSWER}"
        )
    metadata = _json(
        _verified(source, listed, METADATA, wanted.pop(METADATA), where), METADATA, where
    )
    classes = _classes(metadata, where)
    wanted |= {
        NGRAMS: BUCKETS * len(classes) + _NPY_HEADER,
        NGRAM_FACTORS: 4 * BUCKETS + _NPY_HEADER,
        EMBEDDINGS: 4 * _WIDEST * len(classes) + _NPY_HEADER,
    }
    data = {
        name: _verified(source, listed, name, min(limit, _limit(name)), where)
        for name, limit in wanted.items()
    }
    return LoadedBundle(
        where=where,
        model=data[MODEL],
        tokenizer=data[TOKENIZER],
        careers=_careers(_json(data[PROFILES], PROFILES, where), classes, where),
        embeddings=_matrix(data[EMBEDDINGS], EMBEDDINGS, "<f4", (len(classes), None), where),
        ngrams=_matrix(data[NGRAMS], NGRAMS, "|i1", (BUCKETS, len(classes)), where),
        ngram_factors=_matrix(data[NGRAM_FACTORS], NGRAM_FACTORS, "<f2", (BUCKETS, 2), where),
        metadata=metadata,
        tasks=(
            _tasks(_json(data[TASKS], TASKS, where), classes, where) if TASKS in data else Tasks()
        ),
    )


def _check_ensemble(source: Source, listed: Mapping[str, Any], where: str) -> LoadedBundle:
    present = source.names()
    if gone := [name for name in names_of(listed) if name not in present or name not in listed]:
        raise BundleError(
            f"{where} is not a complete bundle, it lacks {', '.join(gone)}: {_EMPTY_ANSWER}"
        )
    data = {
        name: _verified(source, listed, name, _limit(name), where)
        for name in (ensemble.LIST, METADATA, PROFILES)
    }
    try:
        owners = ensemble.parse_members(
            _json(data[ensemble.LIST], ensemble.LIST, where), SERVING, OPTIONAL
        )
    except (KeyError, TypeError, ValueError):
        raise BundleError(
            f"{where}: {ensemble.LIST} does not have the agreed shape: {_EMPTY_ANSWER}"
        ) from None
    cache: dict[str, bytes] = {}
    members = tuple(
        _check(_Member(source, listed, files, cache), f"{where}, member {i}")
        for i, files in enumerate(owners, 1)
    )
    metadata = _json(data[METADATA], METADATA, where)
    classes = _classes(metadata, where)
    if set(classes) != {career.name for member in members for career in member.careers}:
        raise BundleError(
            f"{where}: {METADATA} names other careers than the members: {_EMPTY_ANSWER}"
        )
    pay = {name: entry for member in reversed(members) for name, entry in member.tasks.pay.items()}
    usual = {
        name: entry for member in reversed(members) for name, entry in member.tasks.usual.items()
    }
    careers = _careers(_json(data[PROFILES], PROFILES, where), classes, where)
    return replace(
        members[0],
        where=where,
        careers=careers,
        metadata=metadata,
        tasks=Tasks(pay, usual),
        members=members,
    )


def _listed(source: Source, where: str) -> Mapping[str, Any]:
    """What the manifest says of each file; empty where there is none or it lists nothing."""
    if MANIFEST not in source.names():
        return {}
    manifest = _json(source.read(MANIFEST, _MANIFEST_LIMIT), MANIFEST, where)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise BundleError(
            f"{where} has bundle format {found!r}, this version reads format {FORMAT}: train again"
            " or install the matching version"
        )
    listed = manifest.get("files")
    return listed if isinstance(listed, dict) else {}


def _verified(
    source: Source, listed: Mapping[str, Any], name: str, limit: int, where: str
) -> bytes:
    entry = listed.get(name)
    if not isinstance(entry, dict):
        raise BundleError(f"{where}: {MANIFEST} does not list {name}: {_EMPTY_ANSWER}")
    size = source.size(name)
    content = source.read(name, limit) if size is None or size == entry.get("size") else b""
    if (
        entry.get("size") != len(content)
        or entry.get("sha256") != hashlib.sha256(content).hexdigest()
    ):
        raise BundleError(
            f"{where}: {name} is not the file that was written (its size or hash differs from"
            f" {MANIFEST}): {_EMPTY_ANSWER}"
        )
    return content


def _json(data: bytes, name: str, where: str) -> Any:
    try:
        return strict.parse(data)
    except (ValueError, RecursionError) as error:
        raise BundleError(
            f"{where}: {name} is not readable JSON ({str(error)[:80]}): {_EMPTY_ANSWER}"
        ) from None


def _classes(metadata: Any, where: str) -> list[str]:
    classes = metadata.get("classes") if isinstance(metadata, dict) else None
    if (
        not isinstance(classes, list)
        or len(classes) < 2
        or not all(isinstance(c, str) and c for c in classes)
        or len(set(classes)) < len(classes)
    ):
        raise BundleError(
            f"{where}: {METADATA} must list at least two different careers under 'classes'"
        )
    if not strict.fits(metadata, _SHAPE):
        raise BundleError(f"{where}: {METADATA} does not have the agreed shape: {_EMPTY_ANSWER}")
    return classes


def _careers(profiles: Any, classes: list[str], where: str) -> tuple[Career, ...]:
    try:
        careers = tuple(Career.from_dict(entry) for entry in profiles)
        names = [career.name for career in careers]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BundleError(
            f"{where}: {PROFILES} is not a list of careers in the agreed shape: {_EMPTY_ANSWER}"
        ) from None
    if len({skill for career in careers for skill in career.skills}) > _MOST_SKILLS:
        raise BundleError(
            f"{where}: {PROFILES} has more than {_MOST_SKILLS:,} different skills, which is more"
            " than can be looked for in a text"
        )
    if names != classes:
        raise BundleError(
            f"{where}: {PROFILES} and {METADATA} name different careers: {_EMPTY_ANSWER}"
        )
    return careers


def _tasks(value: Any, classes: list[str], where: str) -> Tasks:
    try:
        return tasks_from_json(value, classes)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise BundleError(
            f"{where}: {TASKS} does not have the agreed shape: {_EMPTY_ANSWER}"
        ) from None


def _matrix(
    data: bytes, name: str, kind: str, expected: tuple[int, int | None], where: str
) -> NDArray[Any]:
    """Our own reading of the .npy format (version 1.0): numpy's would trust the header's shape, and
    unpickle where it says so.

    `kind` is the numbers' type, `expected` the table's rows and columns (None: any number of
    columns).
    """
    rows, columns = expected
    trouble = BundleError(
        f"{where}: {name} is not a table of {rows} rows of the type {kind!r} that fits the careers:"
        f" {_EMPTY_ANSWER}"
    )
    start = 10 + int.from_bytes(data[8:10], "little")
    header = _NPY.fullmatch(data[10:start]) if data[:8] == b"\x93NUMPY\x01\x00" else None
    shape = tuple(int(side) for side in header.groups()[1:]) if header else (0, 0)
    if (
        header is None
        or header[1].decode("ascii") != kind
        or shape[0] != rows
        or shape[1] != (columns or shape[1])
        or not shape[1]
    ):
        raise trouble
    if shape[0] * shape[1] * np.dtype(kind).itemsize != len(data) - start:
        raise trouble
    matrix = np.frombuffer(data, dtype=kind, offset=start).reshape(shape)
    if not np.isfinite(matrix).all():
        raise trouble
    return matrix


class _Member:
    """One member of an ensemble, as if it were a bundle of its own; each file is read once, whoever
    shares it.
    """

    def __init__(
        self,
        source: Source,
        listed: Mapping[str, Any],
        owners: Mapping[str, int],
        cache: dict[str, bytes],
    ) -> None:
        self.source, self.cache = source, cache
        self.files = {name: ensemble.file_of(owner, name) for name, owner in owners.items()}
        entries = {name: listed.get(file) for name, file in self.files.items()}
        self.manifest = json.dumps({"format": FORMAT, "files": entries}).encode()

    def names(self) -> set[str]:
        """The files that this member has, by the names they would have in a bundle of its own."""
        present = self.source.names()
        return {MANIFEST, *(name for name, file in self.files.items() if file in present)}

    def size(self, name: str) -> int | None:
        """Bytes of a file, as the source says."""
        return self.source.size(self.files[name])

    def read(self, name: str, limit: int) -> bytes:
        """The contents of a file, read from the source once."""
        if name == MANIFEST:
            return self.manifest
        file = self.files[name]
        if file not in self.cache:
            self.cache[file] = self.source.read(file, limit)
        return self.cache[file]
