"""Zips that say one thing and hold another: written byte by byte, since no library would."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from vocation.bundle import layout

from .cases import READING, Case, technique

_SLIP = "Snyk, Zip Slip, 2018"
_FIFIELD = "D. Fifield, A better zip bomb, WOOT 2019; CVE-2019-13232"
_APPNOTE = "PKWARE APPNOTE 6.3.10, local and central headers; CVE-2013-4787 (Master Key)"
_ROADS = (*READING, "push", "check")
SMALL = ("tiny", "tasks", "ensemble")


@dataclass
class Entry:
    """One file of a zip, with what its two headers say; None: the truth."""

    name: bytes
    data: bytes
    method: int = 0
    flags: int = 0
    attributes: int = 0o100644 << 16
    local: dict[str, Any] | None = None
    central: dict[str, Any] | None = None
    extra: bytes = b""
    shown: bytes | None = None


def raw(
    entries: list[Entry],
    before: bytes = b"",
    after: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
    shift: int = 0,
) -> bytes:
    """The bytes of a zip; `before` and `after` lie around it, `count` is what the end says, `shift`
    is added to every offset.
    """
    body, listed = bytearray(before), bytearray()
    for entry in entries:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = entry.data if entry.method == 0 else packer.compress(entry.data) + packer.flush()
        truth = {
            "flags": entry.flags,
            "method": entry.method,
            "crc": zlib.crc32(entry.data),
            "packed": len(packed),
            "size": len(entry.data),
        }
        here = {**truth, **(entry.local or {})}
        there = {**truth, "at": len(body) + shift, **(entry.central or {})}
        numbers = [
            struct.pack(
                "<HHHHHIII",
                20,
                one["flags"],
                one["method"],
                0,
                33,
                one["crc"],
                one["packed"],
                one["size"],
            )
            for one in (here, there)
        ]
        listed += b"PK\x01\x02" + struct.pack("<H", 0x0314) + numbers[1]
        listed += (
            struct.pack(
                "<HHHHHII",
                len(entry.name),
                len(entry.extra),
                0,
                0,
                0,
                entry.attributes,
                there["at"],
            )
            + entry.name
            + entry.extra
        )
        shown = entry.shown or entry.name
        body += (
            b"PK\x03\x04"
            + numbers[0]
            + struct.pack("<HH", len(shown), len(entry.extra))
            + shown
            + entry.extra
            + packed
        )
    total = len(entries) if count is None else count
    end = (
        b"PK\x05\x06"
        + struct.pack(
            "<HHHHIIH",
            0,
            0,
            total & 0xFFFF,
            total & 0xFFFF,
            len(listed),
            len(body) + shift,
            len(comment),
        )
        + comment
    )
    return bytes(body + listed) + end + after


def honest(case: Case) -> list[Entry]:
    return [Entry(name.encode(), case.read(name)) for name in (*case.names(), layout.MANIFEST)]


def keep(case: Case, content: bytes) -> None:
    case.path = case.folder.parent / layout.ZIP
    case.path.write_bytes(content)


def _added(case: Case, name: bytes, data: bytes = b"x", **more: Any) -> None:
    entries = honest(case)
    entries.insert(case.rng.randrange(len(entries) + 1), Entry(name, data, **more))
    keep(case, raw(entries))


def _one(case: Case) -> tuple[list[Entry], Entry]:
    """The entries, and a serving file among them."""
    entries = honest(case)
    name = case.file(case.rng.choice(list(layout.SERVING))).encode()
    return entries, next(entry for entry in entries if entry.name == name)


def zip_technique(source: str) -> Any:
    return technique(source, _ROADS, SMALL, as_zip=False)  # they make their zip themselves


@zip_technique(_SLIP)
def traversal(case: Case) -> None:
    names = [
        "../canary",
        "../../../../../../etc/cron.d/x",
        "a/../../canary",
        "..\\canary",
        "./../canary",
        "..%2fcanary/x",
        "%2e%2e/canary",
    ]
    _added(case, case.rng.choice(names).encode())


@zip_technique(_SLIP)
def absolute_name(case: Case) -> None:
    _added(
        case,
        case.rng.choice(
            [
                str(case.canary),
                "/etc/passwd",
                "C:\\Windows\\x",
                "C:/x",
                "\\\\host\\share\\x",
                "//host/share/x",
                "/",
            ]
        ).encode(),
    )


@zip_technique("MITRE CWE-67; Microsoft, Naming files, reserved names")
def device_name(case: Case) -> None:
    _added(
        case,
        case.rng.choice(
            [
                "CON",
                "nul",
                "aux.txt",
                "COM1",
                "LPT9.json",
                "PRN.onnx",
                "model.onnx::$DATA",
                "notes.txt.",
                "notes ",
            ]
        ).encode(),
    )


@zip_technique("CVE-2024-12718 and CVE-2025-4517: links in archives; Snyk, Zip Slip")
def link(case: Case) -> None:
    _added(
        case,
        b"link",
        case.rng.choice([b"/etc/passwd", b"../secret.bin", b"."]),
        attributes=0o120777 << 16,
    )


@zip_technique("CVE-2024-12718; a link in the place of a file that is read")
def link_for_a_file(case: Case) -> None:
    entries, entry = _one(case)
    entry.attributes, entry.data = 0o120777 << 16, str(case.secret).encode()
    keep(case, raw(entries))


@zip_technique("MITRE CWE-73: pipes, sockets and devices in archives")
def special_file(case: Case) -> None:
    entries, entry = _one(case)
    entry.attributes = case.rng.choice([0o010644, 0o020644, 0o060644, 0o140644]) << 16
    keep(case, raw(entries))


@zip_technique("MITRE CWE-22; a folder in the place of a file")
def folder_for_a_file(case: Case) -> None:
    entries, entry = _one(case)
    entry.name, entry.data, entry.attributes = entry.name + b"/", b"", 0o040755 << 16 | 0x10
    keep(case, raw(entries))


@zip_technique(_SLIP)
def in_a_folder(case: Case) -> None:
    _added(case, case.rng.choice([b"folder/file", b"__MACOSX/._model.onnx", b"empty/"]))


@zip_technique(_APPNOTE)
def twice(case: Case) -> None:
    entries, entry = _one(case)
    entries.insert(case.rng.randrange(len(entries)), Entry(entry.name, b"another"))
    keep(case, raw(entries))


@zip_technique("CVE-2014-9390: names that differ in case alone")
def twin_by_case(case: Case) -> None:
    entries, entry = _one(case)
    entries.append(Entry(entry.name.upper(), b"another"))
    keep(case, raw(entries))


@zip_technique("CVE-2014-9390; Unicode TR 15 and 36: names that become one")
def twin_by_unicode(case: Case) -> None:
    entries, _ = _one(case)
    twins = [
        ("ﬁle", "file"),
        ("é", "e\u0301"),
        ("ＭＯＤＥＬ.onnx", ""),
        ("model.onnx\u200b", ""),
        ("Straße", "STRASSE"),
        ("manifest.jso\uff4e", ""),
    ]
    names = [name for name in case.rng.choice(twins) if name]
    if len(names) == 1 and "\u200b" in names[0]:
        names.append("model.onnx\u200b".casefold())
    entries += [Entry(name.encode(), b"x", flags=0x800) for name in names]
    keep(case, raw(entries))


@zip_technique("MITRE CWE-158: what follows a zero byte in a name")
def zero_byte_in_name(case: Case) -> None:
    _added(case, case.rng.choice([b"notes\0.txt", b"model.onnx\0.png", b"\0", b"../x\0model.onnx"]))


@zip_technique("MITRE CWE-150: names that a terminal obeys")
def control_in_name(case: Case) -> None:
    _added(case, case.rng.choice([b"\x1b]0;x\x07", b"a\nb", b"a\rb", b"\x7f", b"a\tb"]))


@zip_technique(_FIFIELD)
def overlapping(case: Case) -> None:
    entries = honest(case)
    others = [
        Entry(f"{i}".encode(), b"", central={"at": 0, "crc": 0})
        for i in range(case.rng.randrange(1, 40))
    ]
    first = entries[0]
    for other in others:
        other.central |= {
            "packed": len(first.data),
            "size": len(first.data),
            "crc": zlib.crc32(first.data),
        }  # type: ignore[operator]
    keep(case, raw(entries + others))


@zip_technique(_FIFIELD)
def quoted_overlap(case: Case) -> None:
    """Each file is the next local header and its own contents: the kernel is unpacked once for each
    of them.
    """
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    core = kernel.compress(b"a" * 4_000_000) + kernel.flush()
    body, listed, tail = b"", b"", b""
    for i in range(60):
        quoted = (struct.pack("<BHH", 0, len(tail), 0xFFFF ^ len(tail)) + tail) if tail else b""
        packed = quoted + core if not body else quoted + body
        head = (
            struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), 4_000_000, 4, 0)
            + f"{i:04}".encode()
        )
        tail = b"PK\x03\x04" + head
        body = tail + packed if i < 3 else body
    for i in range(60):
        listed += b"PK\x01\x02" + struct.pack(
            "<HHHHHHIIIHHHHHII",
            0x314,
            20,
            0,
            8,
            0,
            33,
            0,
            len(core),
            4_000_000,
            4,
            0,
            0,
            0,
            0,
            0o100644 << 16,
            0,
        )
        listed += f"{i:04}".encode()
    keep(
        case,
        body
        + listed
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, 60, 60, len(listed), len(body), 0),
    )


@zip_technique("42.zip; D. Fifield 2019")
def bomb(case: Case) -> None:
    entries, entry = _one(case)
    entry.data, entry.method = bytes(case.rng.choice([100_000_000, 180_000_000])), 8
    sealed = layout.manifest_of(
        {one.name.decode(): one.data for one in entries if one.name != layout.MANIFEST.encode()}
    )
    next(one for one in entries if one.name == layout.MANIFEST.encode()).data = sealed
    keep(case, raw(entries))


@zip_technique("42.zip; a bomb beside the files that are read")
def bomb_beside(case: Case) -> None:
    _added(case, b"notes.txt", bytes(150_000_000), method=8)


@zip_technique("42.zip: zips in zips in zips")
def nested_bomb(case: Case) -> None:
    inner = raw([Entry(b"0", bytes(80_000_000), method=8)])
    for level in range(1, 4):
        inner = raw([Entry(f"{level}-{i}.zip".encode(), inner, method=8) for i in range(8)])
    entries, entry = _one(case)
    entry.data = inner
    keep(case, raw(entries))


@zip_technique("CVE-2024-0450; MITRE CWE-409: more entries than anybody reads")
def many_entries(case: Case) -> None:
    entries = honest(case) + [
        Entry(f"{i}".encode(), b"") for i in range(case.rng.choice([81, 5_000, 65_000]))
    ]
    keep(case, raw(entries))


@zip_technique(_APPNOTE)
def encrypted(case: Case) -> None:
    entries, entry = _one(case)
    entry.flags = case.rng.choice([0x1, 0x41, 0x2041])
    keep(case, raw(entries))


@zip_technique(_APPNOTE)
def unusual_packing(case: Case) -> None:
    entries, entry = _one(case)
    entry.local = entry.central = {"method": case.rng.choice([1, 9, 12, 14, 93, 95, 99])}
    keep(case, raw(entries))


@zip_technique("APPNOTE 4.5.3; CVE-2024-0450: zip64 sizes that lie")
def zip64_lies(case: Case) -> None:
    entries, entry = _one(case)
    entry.extra = struct.pack(
        "<HHQQ", 1, 16, case.rng.choice([2**40, 2**63, len(entry.data)]), len(entry.data)
    )
    entry.central = {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF}
    entry.local = dict(entry.central)
    keep(case, raw(entries))


@zip_technique("APPNOTE 4.3.14: a second end of the zip64 kind")
def zip64_end(case: Case) -> None:
    plain = raw(honest(case))
    at, count = plain.rfind(b"PK\x05\x06"), 5
    size, start = struct.unpack("<II", plain[at + 12 : at + 20])
    end = (
        b"PK\x06\x06"
        + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, start)
        + b"PK\x06\x07"
        + struct.pack("<IQI", 0, at, 1)
    )
    keep(case, plain[:at] + end + plain[at:])


@zip_technique(_APPNOTE)
def two_names(case: Case) -> None:
    entries, entry = _one(case)
    entry.shown = case.rng.choice([b"../canary", b"other.txt", entry.name.upper()])
    keep(case, raw(entries))


@zip_technique(_APPNOTE)
def two_descriptions(case: Case) -> None:
    entries, entry = _one(case)
    key = case.rng.choice(["crc", "packed", "size", "method", "flags"])
    entry.local = {key: {"crc": 1, "packed": 0, "size": 1, "method": 8, "flags": 0x800}[key]}
    keep(case, raw(entries))


@zip_technique("Info-ZIP Unicode Path extra field 0x7075: a second name for other tools")
def second_name(case: Case) -> None:
    entries, entry = _one(case)
    other = b"../canary"
    entry.extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(entry.name)) + other
    keep(case, raw(entries))


@zip_technique(_APPNOTE)
def wrong_checksum(case: Case) -> None:
    entries, entry = _one(case)
    entry.local = entry.central = {"crc": 12345}
    keep(case, raw(entries))


@zip_technique("A. Albertini, Abusing file formats, PoC||GTFO 2014: another file before the zip")
def something_before(case: Case) -> None:
    before = case.rng.choice(
        [b"#!/bin/sh\ntouch canary\n", b"MZ" + bytes(100), b"%PDF-1.4\n", b"\x80\x04."]
    )
    keep(
        case,
        raw(honest(case), before=before) if case.rng.random() < 0.5 else before + raw(honest(case)),
    )


@zip_technique("A. Albertini, Abusing file formats, PoC||GTFO 2014: another file behind the zip")
def something_behind(case: Case) -> None:
    keep(
        case,
        raw(
            honest(case),
            after=case.rng.choice(
                [b"PK\x05\x06", b"#!/bin/sh", bytes(1000), raw([Entry(b"x", b"y")])]
            ),
        ),
    )


@zip_technique("A. Albertini 2014; signature wrapping in comments and gaps")
def something_between(case: Case) -> None:
    if case.rng.random() < 0.5:
        keep(case, raw(honest(case), comment=b"PK\x05\x06" + bytes(18) + b"hidden"))
    else:
        entries = honest(case)
        plain = raw(entries[1:], before=b"PK\x03\x04 hidden " + bytes(50))
        keep(case, plain)


@zip_technique(_APPNOTE)
def offsets_elsewhere(case: Case) -> None:
    entries, entry = _one(case)
    if case.rng.random() < 0.5:
        entry.central = {"at": case.rng.choice([2**31, 7, 0xFFFFFFFE])}
        keep(case, raw(entries))
    else:
        keep(case, raw(entries, shift=case.rng.choice([1, 1000, 2**30])))


@zip_technique(_APPNOTE)
def wrong_count(case: Case) -> None:
    keep(case, raw(honest(case), count=case.rng.choice([0, 1, 65535])))


@zip_technique("A download that was cut off")
def cut_off(case: Case) -> None:
    plain = raw(honest(case))
    keep(case, plain[: case.rng.randrange(1, len(plain) - 1)])


@zip_technique("MITRE CWE-434: another archive under the zip's name")
def no_zip(case: Case) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w"):
        pass
    keep(
        case,
        case.rng.choice(
            [
                b"",
                b"PK\x03\x04",
                b"7z\xbc\xaf\x27\x1c" + bytes(100),
                b"\x1f\x8b" + bytes(50),
                stream.getvalue(),
            ]
        ),
    )
