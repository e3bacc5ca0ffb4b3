"""Read the two pickles of a bundle without unpickling them: as values, nothing is imported or run.

Lists of forbidden names have always had holes. Here a pickle may import the few names that an
honest file needs, every name must be written out in it, and everything else is refused. A call is
kept as a record of what would be called, so that a file which asks for terabytes is seen to ask.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from vocation.errors import BundleError

# numpy 2 renamed numpy.core; a file has the name that its writer knew.
_RECONSTRUCT = {f"numpy.{core}.multiarray._reconstruct" for core in ("core", "_core")}
_ENCODER = "sklearn.preprocessing._label.LabelEncoder"
_LABELS = {_ENCODER, "numpy.ndarray", "numpy.dtype", *_RECONSTRUCT}
# Bytes and instructions of a pickle: 10,000 careers and a large encoder's tensors take 40,000.
_LIMIT, _STEPS = 16_000_000, 300_000

_CONSTANTS = frozenset(
    re.findall(
        r"\w+",
        "BININT BININT1 BININT2 INT LONG LONG1 BINFLOAT FLOAT SHORT_BINBYTES BINBYTES BINBYTES8"
        " SHORT_BINUNICODE BINUNICODE BINUNICODE8 UNICODE",
    )
)
_FIXED = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY: dict[str, type[Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
_KEPT = {"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"}
_FETCHED = {"GET", "BINGET", "LONG_BINGET"}


@dataclass(frozen=True)
class Name:
    """Something that unpickling would import: "module.name"."""

    path: str


@dataclass
class Call:
    """Something that unpickling would call, and the state that it would give to the result."""

    name: str
    arguments: Any
    state: Any = None


@dataclass(frozen=True)
class Stored:
    """A reference to something outside of the pickle."""

    key: Any


def check_labels(data: bytes, where: str) -> list[str]:
    """Return the careers in `data`, the label_encoder.pkl at `where`.

    Raises BundleError if it is no plain LabelEncoder of the size that it states.
    """
    trouble = f"{where}: label_encoder.pkl is not a plain LabelEncoder"
    value = read(data, _LABELS, trouble)
    try:
        return _classes(value)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        raise BundleError(f"{trouble}: train again") from None


def _classes(encoder: Any) -> list[str]:
    if (encoder.name, encoder.arguments) != (_ENCODER, ()) or not (
        set(encoder.state) <= {"classes_", "_sklearn_version"}
    ):
        raise ValueError("expected a LabelEncoder")
    table = encoder.state["classes_"]
    empty = (Name("numpy.ndarray"), (0,), b"b")
    # What numpy writes: version 1, shape, type, C order, content.
    version, (count,), kind, fortran, content = table.state
    code, *flags = kind.arguments
    if (
        table.name not in _RECONSTRUCT
        or table.arguments != empty
        or (version, fortran) != (1, False)
        or (kind.name, flags) != ("numpy.dtype", [False, True])
    ):
        raise ValueError("expected an array")
    names = content
    if kind.state[1] == "<" and re.fullmatch(r"U\d{1,5}", code) and len(content) % 4 == 0:
        names = np.frombuffer(content, f"<{code}").tolist()
    elif (code, kind.state[1]) != ("O8", "|"):
        raise ValueError("expected texts")
    if len(names) != count or not all(isinstance(name, str) for name in names):
        raise ValueError("expected as many texts as stated")
    return list(names)


def read(data: bytes, allowed: Collection[str], trouble: str, tensors: bool = False) -> Any:
    """Return the value that the pickle `data` describes, with Name, Call and Stored in it.

    Raises BundleError, which begins with `trouble`, if it imports a name that is not `allowed` or
    does anything else that an honest file does not. `tensors`: it may refer to tensors outside.
    """
    machine = _Machine(allowed, tensors)
    try:
        if len(data) > _LIMIT:
            raise ValueError(f"it is larger than {_LIMIT // 1_000_000} MB")
        end = 0
        for count, (code, value, place) in enumerate(pickletools.genops(io.BytesIO(data))):
            if count > _STEPS:
                raise ValueError(f"it has more than {_STEPS:,} steps")
            # genops ends at STOP, which is one byte: what stands behind it was not disassembled.
            end = int(place or 0) + 1
            machine.step(code.name, value)
        if end != len(data):
            raise ValueError("it has bytes after its end")
        return machine.result()
    except _Refused as refused:
        raise BundleError(
            f"{trouble}: it would run {str(refused)[:80]!r} when it is opened, so do not open it,"
            " and train again"
        ) from None
    except Exception as error:  # a damaged file leads the disassembler and the stack anywhere
        raise BundleError(f"{trouble} ({str(error)[:100]}): train again") from None


class _Refused(Exception):  # noqa: N818 (its text is the name of what would run)
    pass


class _Machine:
    """The stack of the unpickler, on which calls are noted and never made."""

    def __init__(self, allowed: Collection[str], tensors: bool) -> None:
        self._allowed, self._tensors = allowed, tensors
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []  # the stacks under each mark
        self._memo: dict[int, Any] = {}

    def result(self) -> Any:
        """Return the only value that is left."""
        (value,) = self._stack
        if self._below:
            raise ValueError("it ends too early")
        return value

    def step(self, name: str, value: Any) -> None:
        """Follow one instruction; raises an exception of any kind for what may not be there."""
        stack = self._stack
        if name in _CONSTANTS:
            stack.append(value)
        elif name in _FIXED:
            stack.append(_FIXED[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name in _KEPT:
            # MEMOIZE has no number: it takes the next one.
            self._memo[len(self._memo) if value is None else int(value)] = stack[-1]
        elif name in _FETCHED:
            stack.append(self._memo[int(value)])
        elif name == "MARK":
            self._below.append(stack)
            self._stack = []
        elif name in ("GLOBAL", "INST"):
            # pickletools joins module and name with a blank.
            stack.append(self._import(*str(value).split(" ", 1)))
            if name == "INST":
                raise ValueError(f"it uses {name}")
        elif name == "STACK_GLOBAL":
            module, own = stack[-2:]
            if not isinstance(module, str) or not isinstance(own, str):
                raise ValueError("it hides what it imports")
            stack[-2:] = [self._import(module, own)]
        elif name == "BINPERSID" and self._tensors:
            stack[-1] = Stored(stack[-1])
        elif name not in ("PROTO", "FRAME", "STOP"):
            self._join(name)

    def _import(self, module: str, own: str) -> Name:
        if f"{module}.{own}" not in self._allowed:
            raise _Refused(f"{module}.{own}")
        return Name(f"{module}.{own}")

    def _marked(self) -> list[Any]:
        """Return what stands above the last mark, and take it away."""
        values, self._stack = self._stack, self._below.pop()
        return values

    def _join(self, name: str) -> None:
        """Follow an instruction that makes one value of several."""
        if name in ("TUPLE", "APPENDS", "SETITEMS", "LIST", "DICT"):
            values = self._marked()
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            values = self._taken(int(name[-1]))
        elif name in ("APPEND", "BUILD"):
            values = self._taken(1)
        elif name in ("SETITEM", "REDUCE", "NEWOBJ"):
            values = self._taken(2)
        else:
            raise ValueError(f"it uses {name}")
        if name.startswith("TUPLE"):
            self._stack.append(tuple(values))
        elif name in ("REDUCE", "NEWOBJ"):
            called, arguments = values
            self._stack.append(Call(called.path, arguments))
        elif name == "BUILD":
            call = self._stack[-1]
            # A second state could take back what the first one says.
            if not isinstance(call, Call) or call.state is not None:
                raise ValueError("it changes an object twice, or none")
            call.state = values[0]
        elif name in ("LIST", "APPEND", "APPENDS"):
            self._stack += [[]] if name == "LIST" else []
            self._stack[-1].extend(values)
        else:
            self._stack += [{}] if name == "DICT" else []
            self._set(self._stack[-1], values)

    def _taken(self, count: int) -> list[Any]:
        values = self._stack[-count:]
        if len(values) < count:
            raise ValueError("it takes more than there is")
        del self._stack[-count:]
        return values

    def _set(self, target: Any, values: list[Any]) -> None:
        if isinstance(target, Call):
            # An OrderedDict: as a plain dict, which `check_weights` takes for it.
            target.state = {} if target.state is None else target.state
            target = target.state
        for key, own in zip(values[::2], values[1::2], strict=True):
            # Texts only: the hash of tuples within tuples would take for ever.
            if not isinstance(key, str):
                raise ValueError("it has a key that is no text")
            target[key] = own
