"""What can go wrong in a way that the user can fix: the messages that people see."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable

from vocation.install import install_command

_NO_MEMORY = re.compile(
    r"bad_?alloc|(fail\w* to|can't|cannot) allocate|(out of|not enough) memory"
    r"|can't start new thread|failed to map segment",
    re.I,
)
"""How onnxruntime, PyTorch, threads and the loader of libraries say that memory is short."""


class VocationError(Exception):
    """The message says what was expected, what was found, where, and what to do. The command line
    prints it and exits with 1.
    """

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback (IPython's hook)."""
        return [f"{type(self).__name__}: {self}"]


class DataError(VocationError):
    """The user's files cannot be used as they are; `problems` has a sentence for each reason."""

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems: tuple[str, ...] = (
            (problems,) if isinstance(problems, str) else tuple(problems)
        )
        super().__init__("\n".join(self.problems))


class ConfigError(VocationError):
    """A setting has an impossible value; all of them are named at once."""


class BundleError(VocationError):
    """A bundle is incomplete, damaged, of another version, or asks for something that a bundle may
    not do.
    """


class MissingExtra(VocationError):  # noqa: N818
    """An optional part is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f'{what} needs the "{extra}" extra, which is not installed: run '
            f" {install_command(extra)}"
        )


def explained(error: BaseException) -> str | None:
    """Return a sentence for what the user can fix; None if the error is a bug.

    That is our own errors, what the operating system refuses, and too little memory.
    """
    if isinstance(error, VocationError):
        return str(error)
    if isinstance(error, MemoryError) or (
        error.errno == errno.ENOMEM if isinstance(error, OSError) else _NO_MEMORY.search(str(error))
    ):
        return (
            "there is not enough memory, or there are too many threads: close other programs, or"
            " allow this one more"
        )
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        if error.filename is None:
            return (
                f"reading or writing failed ({reason}): check standard input and output, and the"
                " space on the disk"
            )
        name = str(error.filename)
        return f"{name if len(name) <= 200 else name[:200] + '...'}: {reason}"
    return None
