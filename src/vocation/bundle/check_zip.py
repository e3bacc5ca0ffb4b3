"""Check an untrusted zip: plain files at its top level, one after the other, the same to any tool.

Some tools trust the list at the end of a zip, others the header before each file. Here both must
agree and fill the zip without a gap, so that no other tool finds files that were not checked.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from vocation.errors import BundleError

MOST_ENTRIES = 80  # an ensemble of eight that share nothing has 70

# All files together may have so many times the bytes of the zip, and _FREE on top: weights hardly
# shrink, empty n-gram tables do.
_RATIO = 20
_FREE = 32_000_000
_LIST = 40_000  # bytes of the list at the end of a zip: about a hundred for each entry
_LOCAL = struct.Struct("<4s5H3I2H")  # the header before each file
_END = 22  # bytes of the record at the end, without a comment
_END64 = 76  # of the two before it that PyTorch always writes
# A descriptor begins with a mark of 4 bytes, or has none.
_DESCRIPTORS = (12, 16)  # bytes after a file that was packed before its size was known
# Extra fields that give an entry other sizes or another name than the header.
_EXTRA = {0x0001: "sizes of the zip64 kind", 0x7075: "a second name"}
# Windows opens devices under these names.
# Matches "con" and "NUL.txt"; not "console.txt".
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
# Path separators, control characters, and what Windows allows in no name.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|]")


def check_list(path: Path, stream: BinaryIO, flat: bool = True) -> None:
    """Raise BundleError if the list at the end of the zip at `path` is longer than a bundle's.

    To be asked before `zipfile`, which makes half a kilobyte of objects of every entry that the
    list has, whatever number the zip states. `flat`: as in `check`.
    """
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END - _END64))
    tail = stream.read()
    stream.seek(0)
    # Without the mark zipfile gives the reason: it is no zip, or has a comment.
    length = int.from_bytes(tail[-_END:][12:16], "little")
    # zipfile believes the two records of the zip64 kind where they stand before the end.
    if tail[-_END - 20 :][:4] == b"PK\x06\x07":
        length = max(length, int.from_bytes(tail[-_END - _END64 :][40:48], "little"))
    if tail[-_END:][:4] != b"PK\x05\x06" or length > (_LIST if flat else 50 * _LIST):
        raise BundleError(
            f"{path} does not end as a zip should: it is no zip, has a comment, or lists more than"
            f" {MOST_ENTRIES if flat else 50 * MOST_ENTRIES:,} entries"
        )


def check(path: Path, archive: zipfile.ZipFile, stream: BinaryIO, flat: bool = True) -> None:
    """Raise BundleError if the zip at `path` has more than plain files, one after the other.

    They must be stored or deflated. `flat`: none of them in a folder.
    """
    # The list may be in any order; the bytes are followed in theirs.
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    if flat:
        # Where a file system ignores case or Unicode forms, a second file would replace the first.
        names = {unicodedata.normalize("NFKC", info.filename).casefold() for info in infos}
        if len(infos) > MOST_ENTRIES or len(names) < len(infos):
            raise BundleError(f"{path} has too many entries, or two of the same name")
        if odd := next((info for info in infos if not _plain(info)), None):
            raise BundleError(
                f"{path} has an entry that is not a plain file at its top:"
                f" {odd.orig_filename[:80]!r}"
            )
    size = stream.seek(0, 2)
    if sum(info.file_size for info in infos) > _RATIO * size + _FREE:
        raise BundleError(
            f"{path} holds more than {_RATIO} times its own size: such a zip never shrinks so much"
        )
    for info in infos:
        if info.flag_bits & 0x1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise BundleError(
                f"{path}: {info.filename[:80]} is encrypted or packed in an unusual way"
            )
        if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
            raise BundleError(f"{path}: {info.filename[:80]} has another size than the zip states")
        if kind := next((_EXTRA[kind] for kind in _extras(info.extra) if kind in _EXTRA), None):
            raise BundleError(f"{path}: {info.filename[:80]} has {kind}, which no such zip needs")
    _check_order(path, infos, stream, archive.start_dir, size, flat)


def check_names(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise BundleError unless a zip with folders has plain files alone, each name once.

    Every part of a name follows the rules for a file at the top: nothing leads out of the zip.
    """
    infos = archive.infolist()
    names = {unicodedata.normalize("NFKC", info.filename).casefold() for info in infos}
    if len(infos) > 50 * MOST_ENTRIES or len(names) < len(infos):
        raise BundleError(f"{path} has too many entries, or two of the same name")
    for info in infos:
        folder = info.is_dir() and not info.file_size
        kind = stat.S_IFMT(info.external_attr >> 16)
        parts = (info.filename.removesuffix("/") if folder else info.filename).split("/")
        plain = kind in ((0, stat.S_IFDIR) if folder else (0, stat.S_IFREG))
        if not plain or info.filename != info.orig_filename or not all(map(_named, parts)):
            raise BundleError(
                f"{path} has an entry that is neither a plain file nor a folder:"
                f" {info.orig_filename[:80]!r}"
            )


def _named(name: str) -> bool:
    """Whether any file system takes `name` as that of a file in the folder, and nowhere else."""
    return (
        bool(name.strip(". "))
        # Windows drops dots and blanks at the end.
        and name == name.rstrip(". ")
        and not _FORBIDDEN.search(name)
        and not _DEVICE.fullmatch(name)
    )


def _plain(info: zipfile.ZipInfo) -> bool:
    name, kind = info.filename, stat.S_IFMT(info.external_attr >> 16)
    return (
        # zipfile cuts a name at a NUL and changes separators: then the two differ.
        name == info.orig_filename
        and _named(name)
        and not info.is_dir()
        # 0: the zip has no Unix modes. 0x10 is the mark of a folder from DOS.
        and kind in (0, stat.S_IFREG)
        and not info.external_attr & 0x10
    )


def _extras(extra: bytes) -> Sequence[int]:
    """Return the kinds of the extra fields of an entry; -1 for an incomplete one."""
    kinds = []
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        kinds.append(kind if len(extra) >= 4 + length else -1)
        extra = extra[4 + length :]
    return kinds


def _check_order(
    path: Path,
    infos: Sequence[zipfile.ZipInfo],
    stream: BinaryIO,
    directory: int,
    size: int,
    flat: bool,
) -> None:
    """Raise BundleError unless files fill the zip up to its list and headers agree with it."""
    end = 0
    # Bytes that may stand between one file and the next: none, or a descriptor.
    slack: tuple[int, ...] = (0,)
    for info in infos:
        if info.header_offset < end:
            raise BundleError(f"{path}: entries of the zip overlap")
        if info.header_offset - end not in slack:
            raise BundleError(
                f"{path} has something before or between its entries that belongs to none of them"
            )
        stream.seek(info.header_offset)
        head = stream.read(_LOCAL.size)
        if len(head) < _LOCAL.size:
            raise BundleError(f"{path} ends in the middle of an entry")
        mark, _, flags, method, _, _, crc, packed, whole, named, extra = _LOCAL.unpack(head)
        # Bit 3: checksum and sizes stand behind the file, and may be 0 here.
        name, later = stream.read(named), flags & 0x8
        agreed = (crc, packed, whole) == (info.CRC, info.compress_size, info.file_size) or (
            later and not crc and not packed and not whole
        )
        if (
            mark != b"PK\x03\x04"
            or flags != info.flag_bits
            or method != info.compress_type
            or not agreed
            or name != _encoded(info)
        ):
            raise BundleError(f"{path}: {info.filename[:80]!r} is described in two different ways")
        end = info.header_offset + _LOCAL.size + named + extra + info.compress_size
        slack = (0, *_DESCRIPTORS) if later else (0,)
    if directory - end not in slack:
        raise BundleError(
            f"{path} has something between its entries and its list that belongs to neither"
        )
    stream.seek(max(0, size - _END))
    tail = stream.read(_END)
    # zipfile tolerates bytes before a zip and shifts all places; the stated place shows them.
    listed, start = struct.unpack("<II", tail[12:20])
    if (
        tail[:4] != b"PK\x05\x06"
        or start != directory
        or size - (directory + listed) not in ((_END,) if flat else (_END, _END + _END64))
    ):
        raise BundleError(
            f"{path} has something before or after the zip, or is one of the zip64 kind: make it"
            " again"
        )
    # Number of this disk, of the list's disk, and the entries on this disk and in all.
    if flat and struct.unpack("<4H", tail[4:12]) != (0, 0, len(infos), len(infos)):
        raise BundleError(f"{path} states another number of entries than it has: make it again")


def _encoded(info: zipfile.ZipInfo) -> bytes:
    # Bit 11 states UTF-8; without it zipfile decodes as cp437.
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
