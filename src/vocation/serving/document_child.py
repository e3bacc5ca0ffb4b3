"""Turn a PDF or Word file on standard input into text: a program of its own, started by
`documents`, because such files come from strangers. It reads nothing else and writes no file.
"""

from __future__ import annotations

import io
import logging
import sys
import zipfile
from xml.parsers import expat

_MEMORY = 768 * 2**20  # bytes of address space: a resume takes a tenth of it
_SECONDS = 10  # of processor time
_MOST_PAGES, _MOST_CHARACTERS = 30, 50_000
_MOST_XML = 20 * 2**20  # bytes of the text of a Word file, unpacked
_BLOCK = 2**16  # bytes of it at a time
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_BREAKS = {f"{_WORD} p": "\n", f"{_WORD} br": "\n", f"{_WORD} tab": " "}


def main() -> int:
    """0: text was written to standard output; 1: the file is none that can be read."""
    _limit()
    logging.disable(logging.CRITICAL)  # pypdf would quote the file
    content = sys.stdin.buffer.read()
    try:
        text = _pdf(content) if content.lstrip()[:5] == b"%PDF-" else _docx(content)
    except BaseException:  # whatever a broken file makes a library do; no word of it may be printed
        return 1
    sys.stdout.buffer.write(text[:_MOST_CHARACTERS].encode("utf-8", "replace"))
    return 0


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock alone
        return
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS knows no limit of address space
            continue


def _pdf(content: bytes) -> str:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    found, size = [], 0
    for number, page in enumerate(reader.pages):
        if number >= _MOST_PAGES or size >= _MOST_CHARACTERS:
            break
        text = page.extract_text()
        found.append(text)
        size += len(text)
    return "\n".join(found)


def _docx(content: bytes) -> str:
    """In small blocks, without a tree of elements: that takes many times the memory."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parts: list[str] = []

    def start(tag: str, _: object) -> None:
        if tag in _BREAKS:
            parts.append(_BREAKS[tag])
        parser.CharacterDataHandler = parts.append if tag == f"{_WORD} t" else None

    def end(_: str) -> None:
        parser.CharacterDataHandler = None

    def refuse(*_: object) -> None:
        raise ValueError

    parser.StartElementHandler, parser.EndElementHandler = start, end
    # Entities could make gigabytes of a few bytes; Word writes none.
    parser.StartDoctypeDeclHandler = refuse
    size = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > _MOST_XML:
                raise ValueError
            parser.Parse(block)
            if sum(map(len, parts)) > _MOST_CHARACTERS:
                return "".join(parts).strip()
    parser.Parse(b"", True)
    return "".join(parts).strip()


if __name__ == "__main__":
    sys.exit(main())
