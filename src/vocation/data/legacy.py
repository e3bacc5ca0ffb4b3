"""Tell in which of the encodings before Unicode a text is written.

The code pages of the Latin letters differ in a few letters only, so that the language of the text
tells more than its bytes; for all other scripts charset-normalizer knows.
"""

from __future__ import annotations

import re

from vocation.text.language_tables import FUNCTION_WORDS
from vocation.text.languages import language, parts

_WESTERN = ("cp1252", "mac-roman", "iso8859-15")
_EASTERN = ("cp1250", "iso8859-2")
_LATIN = {
    **dict.fromkeys(
        ("Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Slovenian", "Romanian"), _EASTERN
    ),
    "Turkish": ("cp1254",),
    "Lithuanian": ("cp1257",),
    "Latvian": ("cp1257",),
    "Vietnamese": ("cp1258",),
}
"""Code pages by language, the likeliest first; every other language in Latin letters is Western."""

WIDE = frozenset(("cp932", "euc_jp", "gb18030", "big5", "cp949"))
"""Codecs whose letters have two bytes or more."""

_OTHERS = (
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp1250", "cp1254", "cp1257"),
    *sorted(WIDE),
)
_NAMES = {
    "mac-roman": "Mac Roman",
    "koi8_r": "KOI8-R",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
}
_WORDS = frozenset(word for words in FUNCTION_WORDS.values() for word in words if len(word) > 1)
_NOT_WESTERN = 0.3
"""Share of strange signs among those beyond ASCII from which on a text is in no Western encoding.
Western texts read rightly have 0 to 0.1, Cyrillic and Greek ones read as Western ones nearly 1."""

# What no word has that is read in the right encoding: an accented capital behind a small letter
# ("itÕs") or before one ("ZŸrich"), a sign or a small figure within ("Stra§e", "c½ur", "mówi¹"),
# three accented letters in a row, a control character, a currency sign that nobody uses.
_STRANGE = re.compile(
    "(?<=[a-z])[À-ÖØ-ÞŠŽŸ]|(?<=[A-Z])[À-ÖØ-ÞŠŽŸ](?=[a-z])"
    "|(?<=[A-Za-z])[^\x00-\x7f\\w\\s’‘–—…·“”](?=[a-z])|(?<=[A-Za-z])[¹²³¼½¾](?=[a-z])"
    "|(?<=[a-z])[±¶]|[±¶](?=[a-z])|[^\x00-\x7f]{3,}|[\x80-\x9f¤\ufffd]"
)


def name_of(codec: str) -> str:
    """Return the name that people know a codec by."""
    return _NAMES.get(codec) or codec.replace("cp", "Windows-").replace("iso", "ISO-")


def guess(sample: bytes) -> str | None:
    """Return the codec of a text that is not UTF-8, or None where none makes sense of it.

    `sample` should be no more than some 100,000 bytes; the same bytes give the same answer.
    """
    # Words without accents read alike in every Latin code page, enough to name the language.
    western = sample.decode("cp1252", "replace")
    named = parts(language(western, spelt=False) or "")
    # Languages that a text leaves open ("Czech or Slovak") share their code pages.
    if listed := named & _LATIN.keys():
        return _least_strange(sample, _LATIN[min(listed)])
    codec = _least_strange(sample, _WESTERN)
    if _strangeness(sample, codec) <= _NOT_WESTERN:
        return codec
    # Imported here: only files in an old encoding need it.
    from charset_normalizer import from_bytes

    # Thai comes last: short Hebrew, Chinese and Japanese texts would pass for it.
    matches = list(from_bytes(sample, cp_isolation=list(_OTHERS)))
    matches = matches or list(from_bytes(sample, cp_isolation=["cp874"]))
    if not matches:
        return None
    # The matches come by plausibility; a short text needs its words to tell KOI8-R from 1251.
    words = [re.findall(r"[^\W\d_]+", str(match).casefold()) for match in matches]
    # ASCII words read alike in all matches and tell nothing.
    known = [sum(word in _WORDS and not word.isascii() for word in found) for found in words]
    # index finds the first: on ties the most plausible match.
    return matches[known.index(max(known))].encoding


def _least_strange(sample: bytes, codecs: tuple[str, ...]) -> str:
    """Return the codec that leaves the fewest strange signs, the first one on ties."""
    return min(codecs, key=lambda codec: _strangeness(sample, codec))


def _strangeness(sample: bytes, codec: str) -> float:
    """Return the share of characters beyond ASCII that stand where no word has them."""
    text = sample.decode(codec, "replace")
    beyond = sum(char > "\x7f" for char in text)
    return sum(map(len, _STRANGE.findall(text))) / max(beyond, 1)
