"""What can go wrong in a way that the user can fix: the messages that people see."""

from __future__ import annotations

from collections.abc import Iterable


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
            f'{what} needs the "{extra}" extra, which is not installed: run  pip install'
            f' "vocation[{extra}]"'
        )
