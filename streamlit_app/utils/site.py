"""What the owner of the page says to its visitors: the file `site.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from vocation.errors import DataError

FILE = "site.toml"
_LONGEST = 300  # characters of a contact: a name, a number and when somebody answers


def contacts(bundle: Path) -> tuple[str, ...]:
    """Where people in need find somebody: `contacts` in the part `[help]` of `site.toml`, which
    lies beside the bundle or in the working directory. Nothing without such a file: no number is
    right everywhere. Raises DataError with one sentence if the file says something else.
    """
    found = (folder / FILE for folder in (bundle.resolve().parent, Path.cwd()))
    file = next((path for path in found if path.is_file()), None)
    if file is None:
        return ()
    try:
        settings = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:  # a TOMLDecodeError is a ValueError
        raise DataError(f"{file} cannot be read as TOML ({error}): correct or remove it") from None
    section = settings.get("help", {})
    listed = section.get("contacts", []) if isinstance(section, dict) else None
    if not isinstance(listed, list) or not all(
        isinstance(one, str) and 0 < len(one.strip()) <= _LONGEST for one in listed
    ):
        raise DataError(
            f'{file}: expected [help] with contacts = ["..."], texts of 1 to {_LONGEST} characters'
        )
    return tuple(listed)
