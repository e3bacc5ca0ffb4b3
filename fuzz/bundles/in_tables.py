"""Tables that lie about themselves."""

from __future__ import annotations

import io
import struct

import numpy as np

from vocation.bundle import layout

from .cases import READING, Case, technique

_NUMPY = "CVE-2019-6446: numpy.load and object arrays; NEP 1, the .npy format"
_TABLES = (layout.EMBEDDINGS, layout.NGRAMS, layout.NGRAM_FACTORS, layout.PUBLIC_TEXTS)


def npy(header: bytes, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """A .npy with any header."""
    length = struct.pack(
        "<H" if version[0] == 1 else "<I", len(header) & (0xFFFF if version[0] == 1 else 0xFFFFFFFF)
    )
    return b"\x93NUMPY" + bytes(version) + length + header + data


def _table(case: Case) -> tuple[str, np.ndarray]:
    name = case.file(case.rng.choice(_TABLES))
    return name, np.load(io.BytesIO(case.read(name)), allow_pickle=False)


def _saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _headed(descr: object, shape: object, order: bool = False) -> bytes:
    return f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape!r}, }}\n".encode()


@technique(_NUMPY)
def asks_for_terabytes(case: Case) -> None:
    name, array = _table(case)
    shape = case.rng.choice(
        [(len(array), 10**12), (2**62, 2**62), (len(array), 2**31), (10**30, 1), (2**63, 2)]
    )
    case.put(name, npy(_headed(array.dtype.str, shape), array.tobytes()))


@technique(_NUMPY)
def objects(case: Case) -> None:
    from .in_pickles import payload

    name, array = _table(case)
    case.put(name, npy(_headed("|O", array.shape), payload(case)))


@technique(_NUMPY)
def columns_first(case: Case) -> None:
    name, array = _table(case)
    case.put(name, _saved(np.asfortranarray(array)))


@technique(_NUMPY)
def odd_shapes(case: Case) -> None:
    name, array = _table(case)
    rows, columns = array.shape
    shape = case.rng.choice(
        [
            (-rows, -columns),
            (rows * columns,),
            (),
            (rows, columns, 1),
            (0, columns),
            (rows, -1),
            (True, rows * columns),
            [rows, columns],
        ]
    )
    case.put(name, npy(_headed(array.dtype.str, shape), array.tobytes()))


@technique(_NUMPY)
def other_types(case: Case) -> None:
    name, array = _table(case)
    kinds = [
        "<f8",
        ">f4",
        "<c8",
        "|V4",
        "<U1",
        "<M8[s]",
        [("a", "<f4"), ("b", "|O")],
        {"names": ["a"], "formats": ["|O"]},
        "|O8",
        ">i1",
    ]
    kind = case.rng.choice([kind for kind in kinds if kind != array.dtype.str])
    case.put(name, npy(_headed(kind, array.shape), array.tobytes()))


@technique(
    "NumPy issue 18690 and CPython documentation of ast.literal_eval: headers that exhaust the"
    " parser"
)
def literal_bombs(case: Case) -> None:
    name, array = _table(case)
    bombs = [
        b"(" * 60_000,
        b"-" * 60_000 + b"1",
        b"[" * 30_000 + b"]" * 30_000,
        b"{" + b"'a':" * 15_000,
        b"9" * 60_000,
        b"__import__('os').abort()",
    ]
    case.put(
        name,
        npy(
            case.rng.choice([*bombs, b"'" + b"a" * 60_000, b"10**10**10", b"\xff" * 60_000]),
            array.tobytes(),
        ),
    )


@technique(_NUMPY)
def other_versions(case: Case) -> None:
    name, array = _table(case)
    case.put(
        name,
        npy(
            _headed(array.dtype.str, array.shape),
            array.tobytes(),
            case.rng.choice([(2, 0), (3, 0), (0, 0), (255, 255)]),
        ),
    )


@technique(_NUMPY)
def header_beyond_the_end(case: Case) -> None:
    name, _ = _table(case)
    case.put(
        name,
        b"\x93NUMPY\x01\x00" + case.rng.choice([b"", b"\xff", b"\xff\xff", b"\xff\xff{'descr'"]),
    )


@technique("MITRE CWE-130: fewer or more numbers than the header says")
def other_size(case: Case) -> None:
    name, array = _table(case)
    content = _saved(array)
    case.put(
        name,
        content[:-1] if case.rng.random() < 0.5 else content + b"\0" * case.rng.randrange(1, 5000),
    )


@technique("MITRE CWE-754: numbers that are none")
def no_numbers(case: Case) -> None:
    name = case.file(case.rng.choice([layout.EMBEDDINGS, layout.NGRAM_FACTORS]))
    array = np.load(io.BytesIO(case.read(name)), allow_pickle=False).copy()
    array[case.rng.randrange(len(array))] = case.rng.choice([np.nan, np.inf, -np.inf])
    case.put(name, _saved(array))


@technique("MITRE CWE-131: a table for other careers", READING)
def other_careers(case: Case) -> None:
    name = case.file(case.rng.choice([layout.EMBEDDINGS, layout.NGRAMS]))
    array = np.load(io.BytesIO(case.read(name)), allow_pickle=False)
    axis = 0 if name.endswith(layout.EMBEDDINGS) else 1
    case.put(name, _saved(np.ascontiguousarray(np.take(array, range(array.shape[axis] - 1), axis))))
