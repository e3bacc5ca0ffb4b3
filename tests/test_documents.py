"""A sample of fuzz/documents.py: resumes are read, and what is none is refused in a sentence."""

from __future__ import annotations

import random
import time
from pathlib import Path

import documents
import pytest

from vocation.errors import DataError
from vocation.serving.documents import LARGEST, read_document

WORDS = documents.WORDS


@pytest.mark.parametrize(
    "content",
    [
        documents.pdf(),
        documents.pdf(
            documents.flate(documents.shows(WORDS))[0], stream_entries="/Filter /FlateDecode"
        ),
        documents.docx(),
        WORDS.encode(),
        WORDS.encode("utf-16"),
    ],
    ids=["pdf", "packed pdf", "docx", "txt", "UTF-16"],
)
def test_a_resume_is_read(content: bytes) -> None:
    assert read_document(content).strip() == WORDS


def test_lines_tabs_and_other_encodings_stay() -> None:
    two = documents.paragraph("I bake") + documents.paragraph("bread</w:t><w:tab/><w:t>daily")
    assert read_document(documents.docx(documents.body(two))) == "I bake\nbread daily"
    assert read_document("Ich bäcke für Gäste".encode("latin-1")) == "Ich bäcke für Gäste"
    both = documents.body(documents.paragraph("Größe"), '<?xml version="1.0" encoding="utf-16"?>')
    assert read_document(documents.docx(both.encode("utf-16"))) == "Größe"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (documents.pdf(b"0 0 m 9 9 l S"), "no text was found"),
        (documents.docx(documents.body("<w:p/>")), "no text was found"),
        (b"", "no text was found"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Word file"),
        (b"%PDF-1.7\n" + b" " * LARGEST, "larger than 2 MB"),
        (b"\x89PNG\r\n\x1a\n" + bytes(600), "no PDF, Word or text file"),
        (rb"{\rtf1 I bake bread}", "no PDF, Word or text file"),
        (documents.docx(name="xl/workbook.xml"), "cannot be read"),
        (documents.pdf()[:200], "cannot be read"),
    ],
)
def test_what_is_no_resume_is_refused_in_a_sentence(content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        read_document(content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "kind",
    [
        "docx: a bomb",
        "docx: a document type",
        "docx: elements in elements",
        "docx: zips in zips",
        "pdf: a bomb in a bomb",
        "pdf: cyclic pages",
        "pdf: opens a program",
        "pdf: pages within pages",
    ],
)
def test_a_hostile_document_is_read_or_refused_soon(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text, where there is one, is that of the document, never of what it refers to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    make = documents.hostile("http://127.0.0.1:9/a", str(tmp_path / "trap"))[kind]
    start = time.perf_counter()
    try:
        text = read_document(make(random.Random(1)))
    except DataError:
        text = ""
    assert text.replace(WORDS, "").strip() == ""
    assert time.perf_counter() - start < 15
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_encoding(codec: str) -> None:
    before = f'<?xml version="1.0" encoding="{codec}"?><!DOCTYPE d [<!ENTITY e "I bake">]>'
    with pytest.raises(DataError, match="cannot be read"):
        read_document(
            documents.docx(documents.body(documents.paragraph("&e;"), before).encode(codec))
        )


def test_a_long_text_is_cut_and_soon_read() -> None:
    start = time.process_time()
    assert len(read_document(b"I bake bread \xe9. " * 100_000)) == 50_000
    assert time.process_time() - start < 3
