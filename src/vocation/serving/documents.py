"""Read a resume: PDF, Word or plain text. A stranger's file is opened in a limited process of its
own; nothing here writes it to a disk. (While it arrives, the web server may hold more than a
megabyte of it in a temporary file without a name.)
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from vocation.data.encoding import lines_of
from vocation.errors import DataError, MissingExtra
from vocation.text.clean import clean

KINDS = ("pdf", "docx", "txt")
"""The endings of files that can be read."""

LARGEST = 2 * 2**20
"""Bytes of a file at most."""

_MOST_CHARACTERS = 50_000  # as the child
_SECONDS = 12  # until the process is stopped
_CHILD = Path(__file__).with_name("document_child.py")


def read_document(content: bytes) -> str:
    """Return the text of a PDF, Word (.docx) or text file, of a long one its first 50,000
    characters.

    Raises DataError with one sentence where it is none, too large, takes too long or holds no text,
    as scanned pages do; MissingExtra where the library for PDF is not installed.
    """
    if len(content) > LARGEST:
        raise DataError(
            f"the file is larger than {LARGEST // 2**20} MB: take out pictures, or paste its text"
        )
    start = content.lstrip()[:5]
    if start == b"%PDF-" and importlib.util.find_spec("pypdf") is None:
        raise MissingExtra("reading PDF files", "app")
    if start == b"%PDF-" or start[:2] == b"PK":
        text = _read_apart(content)
    elif start[:4] == b"\xd0\xcf\x11\xe0":
        raise DataError("this is an old Word file: save it as .docx or PDF, or paste its text")
    else:
        try:
            # A character has at most four bytes; guessing the encoding of more takes seconds.
            text = "".join(lines_of(content[: 4 * _MOST_CHARACTERS], "the file")[0])
        except DataError:  # it speaks of tables
            raise DataError("this is no PDF, Word or text file: save it as one of these") from None
    if not any(letter.isalpha() for letter in clean(text[:_MOST_CHARACTERS])):
        raise DataError(
            "no text was found in the file, as in scanned pages: please paste the text instead"
        )
    return text[:_MOST_CHARACTERS]


def _read_apart(content: bytes) -> str:
    """The text of a PDF or Word file, read by a process with little memory and time."""
    try:
        done = subprocess.run(
            # -I: neither the working directory nor the environment says what is imported.
            [sys.executable, "-I", str(_CHILD)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        raise DataError("the file cannot be read as PDF or Word: please paste the text instead")
    return done.stdout.decode("utf-8", "replace")
