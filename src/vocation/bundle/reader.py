"""Read a bundle without trusting it.

Names, sizes and hashes are checked before a byte is parsed. Nothing is unpickled, nothing is
unpacked to disk, and no path inside a bundle is followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import check_json, check_npy, check_weights, ensemble, tasks
from vocation.bundle.exchange import steady
from vocation.bundle.layout import (
    EMBEDDINGS,
    FORMAT,
    MANIFEST,
    MANIFEST_LIMIT,
    MEMBER_FILES,
    METADATA,
    METADATA_SHAPE,
    MODEL,
    MOST_DIMENSIONS,
    MOST_SKILL_LETTERS,
    MOST_SKILLS,
    MOST_TITLES,
    NGRAM_FACTORS,
    NGRAMS,
    OPTIONAL,
    PROFILES,
    PUBLIC_TEXTS,
    PYTORCH_FILES,
    SERVING,
    TASKS,
    TITLES,
    TOKENIZER,
    WEIGHTS,
    ZIP,
    manifest_of,
    required_files,
    size_limit,
)
from vocation.bundle.place import open_bundle
from vocation.bundle.storage import Memory, Storage
from vocation.bundle.tasks import Tasks
from vocation.errors import BundleError
from vocation.records import Career
from vocation.text.ngrams import BUCKETS

_ROUNDING = 1e-3  # of the length of a career's embedding, in 32 bits
_REMEDY = (
    "copy every file of trained_models.zip into the folder, or train again with  vocation train"
)


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """The checked serving part of a bundle: all that a recommender needs.

    Only the network and the tokenizer are still to be checked, by those that load them.
    """

    where: str
    model: bytes
    tokenizer: bytes
    careers: tuple[Career, ...]
    embeddings: NDArray[np.float32]
    ngrams: NDArray[np.int8]
    ngram_factors: NDArray[np.float16]
    metadata: Mapping[str, Any]
    public_texts: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0), np.int8))
    """Empty while a training measures its model: then no answer names a nearest text."""
    titles: NDArray[np.int8] | None = None
    """Directions (classes + others, d) of the careers' names, then of other occupations' titles."""
    tasks: Tasks = field(default_factory=Tasks)
    members: tuple[LoadedBundle, ...] = ()
    """The models of an ensemble. Members that share a file hold the same object."""
    fingerprint: str = ""
    """The sha256 of the manifest; "" while a training measures its model."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """The sha256 of each file that the manifest lists."""


def is_pytorch_only(path: str | Path) -> bool:
    """Tell whether a folder has the files for PyTorch and none of those that only serving reads."""
    path = Path(path)
    others = (MODEL, TOKENIZER, NGRAMS, NGRAM_FACTORS, PUBLIC_TEXTS, PROFILES, MANIFEST, ZIP)
    return (
        path.is_dir()
        and all((path / name).is_file() for name in PYTORCH_FILES)
        and not any((path / name).exists() for name in others)
    )


@steady
def read(path: str | Path) -> LoadedBundle:
    """Open and check the serving part of the bundle at `path`.

    `path` is a bundle folder, a trained_models.zip, or a folder with only that zip. Raises
    BundleError with one sentence for anything missing, damaged, too large, of another format, or
    of another shape.
    """
    with open_bundle(path) as storage:
        return _parse(Files(storage, str(storage.path)))


@steady
def read_whole(path: str | Path) -> dict[str, bytes]:
    """Return the contents of every file of the bundle at `path`, by name.

    Each file is the one that the manifest lists, checked as `read` does; other files are ignored.
    Raises BundleError as `read` does, also if a file is missing that only PyTorch users need.
    """
    with open_bundle(path) as storage:
        files = Files(storage, str(storage.path))
        wanted = required_files(files.listed)
        if missing := [name for name in wanted if not files.has(name)]:
            _parse(files)  # gives the better reason if serving lacks a file, too
            raise files.incomplete(missing)
        contents = {name: files.read(name) for name in wanted}
    loaded = read_files(contents, str(path))
    # `read` does not check these two: serving never opens them.
    if WEIGHTS in contents:
        check_weights.check_files(contents, [one.name for one in loaded.careers], str(path))
    return contents


@steady
def read_serving(path: str | Path) -> dict[str, bytes]:
    """Return the contents of the serving files of the bundle at `path`, checked as `read` does.

    Raises BundleError for an ensemble, too.
    """
    with open_bundle(path) as storage:
        files = Files(storage, str(storage.path))
        if ensemble.LIST in files.listed:
            raise BundleError(f"{path} is an ensemble itself: name the bundles that it was made of")
        _parse(files)
        return {name: files.read(name) for name in MEMBER_FILES if name in files.listed}


def read_files(contents: Mapping[str, bytes], where: str) -> LoadedBundle:
    """Check the files of a bundle that are still in memory, as `read` would once written."""
    storage = Memory({**contents, MANIFEST: manifest_of(contents)})
    return _parse(Files(storage, where))


class Files:
    """The files of one bundle, each read once and compared with the manifest."""

    def __init__(self, storage: Storage, where: str) -> None:
        self.where, self.present = where, storage.names()
        manifest = storage.read(MANIFEST, MANIFEST_LIMIT) if MANIFEST in self.present else None
        self.fingerprint = hashlib.sha256(manifest or b"").hexdigest()
        self.listed = _listed(manifest, where)
        self._storage = storage
        self._contents: dict[str, bytes] = {}  # members of an ensemble share files

    def has(self, name: str) -> bool:
        """Tell whether the file `name` is there and listed."""
        return name in self.present and name in self.listed

    def read(self, name: str, limit: int | None = None) -> bytes:
        """Return the contents of the file `name`, at most `limit` bytes (its own limit if None)."""
        if name not in self._contents:
            limit = size_limit(name) if limit is None else min(limit, size_limit(name))
            self._contents[name] = self._verified(name, limit)
        return self._contents[name]

    def _verified(self, name: str, limit: int) -> bytes:
        entry = self.listed.get(name)
        if not isinstance(entry, dict):
            raise BundleError(f"{self.where}: {MANIFEST} does not list {name}: {_REMEDY}")
        # None is left to `read`, which gives the reason. A file of another size is not read.
        size = self._storage.size(name)
        fits = size is None or size == entry.get("size")
        content = self._storage.read(name, limit) if fits else b""
        # This finds damage; whoever changes a file on purpose can change the manifest too.
        digest = hashlib.sha256(content).hexdigest()
        if entry.get("size") != len(content) or entry.get("sha256") != digest:
            raise BundleError(
                f"{self.where}: {name} is not the file that was written (its size or hash differs"
                f" from {MANIFEST}): {_REMEDY}"
            )
        return content

    def incomplete(self, missing: list[str]) -> BundleError:
        """Return the error for a bundle without the files `missing`."""
        if all(name in self.present for name in PYTORCH_FILES) and MANIFEST in missing:
            return BundleError(
                f"{self.where} has the files for PyTorch but lacks those that answer questions"
                f" ({', '.join(missing)}): {_REMEDY}"
            )
        return BundleError(
            f"{self.where} is not a complete bundle, it lacks {', '.join(missing)}: {_REMEDY}"
        )


def _listed(content: bytes | None, where: str) -> Mapping[str, Any]:
    """Return the files that a manifest lists, with size and sha256; empty without a manifest."""
    if content is None:
        return {}
    manifest = parse_json(content, MANIFEST, where)
    found = manifest.get("format") if isinstance(manifest, dict) else None
    # 3.0 equals 3, and True is an int.
    if type(found) is not int or found != FORMAT:
        raise BundleError(
            f"{where} has bundle format {found!r}, this version reads format {FORMAT}: train again"
            " or install the matching version"
        )
    listed = manifest.get("files")
    return listed if isinstance(listed, dict) else {}


def _parse(files: Files) -> LoadedBundle:
    found = _parse_ensemble(files) if files.has(ensemble.LIST) else _parse_single(files)
    hashes = {
        name: str(entry["sha256"])
        for name, entry in files.listed.items()
        if isinstance(entry, dict) and "sha256" in entry
    }
    return replace(found, fingerprint=files.fingerprint, hashes=hashes)


def _parse_single(files: Files) -> LoadedBundle:
    if missing := [name for name in (*SERVING, MANIFEST) if name not in files.present]:
        raise files.incomplete(missing)
    if missing := [name for name in OPTIONAL if name in files.listed and not files.has(name)]:
        raise files.incomplete(missing)
    names = {name: name for name in MEMBER_FILES if name in SERVING or name in files.listed}
    return _parse_model(files, names, files.where)


def _parse_model(files: Files, names: Mapping[str, str], where: str) -> LoadedBundle:
    """Check one model; `names` maps each of its files to the file of the bundle that holds it."""
    metadata = parse_json(files.read(names[METADATA]), METADATA, where)
    classes = check_classes(metadata, where)
    # Careers and what is said about them bound the tables, before they are read.
    profiles = _careers(parse_json(files.read(names[PROFILES]), PROFILES, where), classes, where)
    careers, texts = len(classes), sum(len(career.public_texts()) for career in profiles)
    # Bytes of a number: int8 takes 1, float32 4, and the two float16 factors of a bucket take 4.
    limits = {
        NGRAMS: BUCKETS * careers + check_npy.HEADER,
        NGRAM_FACTORS: 4 * BUCKETS + check_npy.HEADER,
        EMBEDDINGS: 4 * MOST_DIMENSIONS * careers + check_npy.HEADER,
        PUBLIC_TEXTS: MOST_DIMENSIONS * texts + check_npy.HEADER,
        TITLES: MOST_DIMENSIONS * (careers + MOST_TITLES) + check_npy.HEADER,
    }
    data = {name: files.read(file, limits.get(name)) for name, file in names.items()}
    # Their number of columns is that of the public texts, too.
    embeddings = _table(data, EMBEDDINGS, where, "<f4", careers)
    factors = _table(data, NGRAM_FACTORS, where, "<f2", BUCKETS, 2)
    # The columns of `factors` are a rarity and a scale, the rows of `embeddings` have length 1.
    lengths = np.sqrt((embeddings.astype(np.float64) ** 2).sum(axis=1))
    for name, meant in (
        (EMBEDDINGS, (np.abs(lengths - 1) < _ROUNDING).all()),
        (NGRAM_FACTORS, (factors >= 0).all()),
    ):
        if not meant:
            raise BundleError(
                f"{where}: {name} has numbers that this table cannot have (rows of another length"
                f" than 1, or below 0): {_REMEDY}"
            )
    return LoadedBundle(
        where=where,
        model=data[MODEL],
        tokenizer=data[TOKENIZER],
        careers=profiles,
        embeddings=embeddings,
        ngrams=_table(data, NGRAMS, where, "|i1", BUCKETS, careers),
        ngram_factors=factors,
        public_texts=_table(data, PUBLIC_TEXTS, where, "|i1", texts, embeddings.shape[1]),
        metadata=metadata,
        titles=(
            _table(data, TITLES, where, "|i1", careers + 1, embeddings.shape[1], MOST_TITLES - 1)
            if TITLES in data
            else None
        ),
        tasks=_tasks(data[TASKS], classes, where) if TASKS in data else Tasks(),
    )


def _parse_ensemble(files: Files) -> LoadedBundle:
    where = files.where
    if missing := [name for name in required_files(files.listed) if not files.has(name)]:
        raise files.incomplete(missing)
    listing = parse_json(files.read(ensemble.LIST), ensemble.LIST, where)
    try:
        owners = ensemble.parse_members(listing, SERVING, OPTIONAL)
    except (KeyError, TypeError, ValueError):
        raise _misshapen(ensemble.LIST, where) from None
    members = []
    for number, owner_of in enumerate(owners, 1):
        names = {name: ensemble.file_of(owner, name) for name, owner in owner_of.items()}
        if missing := [file for file in names.values() if not files.has(file)]:
            raise files.incomplete(missing)
        members.append(_parse_model(files, names, f"{where}, member {number}"))
    metadata = parse_json(files.read(METADATA), METADATA, where)
    classes = check_classes(metadata, where)
    if set(classes) != {career.name for member in members for career in member.careers}:
        raise BundleError(f"{where}: {METADATA} names other careers than the members: {_REMEDY}")
    # Where several members know a career, the first one's pay and job facts count.
    # In a dict the last entry of a key counts, hence the reversed order.
    first_wins = list(reversed(members))
    # The model and tables of members[0] stay in it unused: `load_models` takes each member's.
    return replace(
        members[0],
        where=where,
        careers=_careers(parse_json(files.read(PROFILES), PROFILES, where), classes, where),
        metadata=metadata,
        tasks=Tasks(
            {name: entry for member in first_wins for name, entry in member.tasks.pay.items()},
            {name: entry for member in first_wins for name, entry in member.tasks.usual.items()},
        ),
        members=tuple(members),
    )


def parse_json(data: bytes, name: str, where: str) -> Any:
    """Return the value in `data`, the file `name` of the bundle `where`. Raises BundleError."""
    try:
        return check_json.parse(data)
    # RecursionError: too many lists within lists
    except (ValueError, RecursionError) as error:
        raise BundleError(
            f"{where}: {name} is not readable JSON ({str(error)[:80]}): {_REMEDY}"
        ) from None


def _misshapen(name: str, where: str) -> BundleError:
    return BundleError(f"{where}: {name} does not have the agreed shape: {_REMEDY}")


def check_classes(metadata: Any, where: str) -> list[str]:
    """Return the careers of `metadata`. Raises BundleError if they have not the agreed shape."""
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
    if not check_json.fits(metadata, METADATA_SHAPE):
        raise _misshapen(METADATA, where)
    return classes


def _careers(profiles: Any, classes: list[str], where: str) -> tuple[Career, ...]:
    try:
        careers = tuple(Career.from_dict(entry) for entry in profiles)
        names = [career.name for career in careers]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BundleError(
            f"{where}: {PROFILES} is not a list of careers in the agreed shape: {_REMEDY}"
        ) from None
    skills = {skill for career in careers for skill in career.skills}
    if len(skills) > MOST_SKILLS or sum(map(len, skills)) > MOST_SKILL_LETTERS:
        raise BundleError(
            f"{where}: {PROFILES} has more than {MOST_SKILLS:,} different skills, or"
            f" {MOST_SKILL_LETTERS:,} characters in them, which is more than a text can be searched"
            " for"
        )
    # The order counts: the tables know careers by number only.
    if names != classes:
        raise BundleError(f"{where}: {PROFILES} and {METADATA} name different careers: {_REMEDY}")
    return careers


def _tasks(data: bytes, classes: list[str], where: str) -> Tasks:
    value = parse_json(data, TASKS, where)
    try:
        return tasks.from_json(value, classes)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _misshapen(TASKS, where) from None


def _table(
    data: Mapping[str, bytes],
    name: str,
    where: str,
    kind: str,
    rows: int,
    columns: int | None = None,
    more: int = 0,
) -> NDArray[Any]:
    try:
        return check_npy.parse(data[name], kind, range(rows, rows + more + 1), columns)
    except ValueError:
        raise BundleError(
            f"{where}: {name} is not a table of {rows}{' or more' * bool(more)} rows of the type"
            f" {kind!r} that fits the careers: {_REMEDY}"
        ) from None
