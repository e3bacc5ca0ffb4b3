"""Check that a built site loads nothing from elsewhere: no font, script, style, picture or count.

Links that a reader follows may lead anywhere. Every page must tell the browser the same
(Content-Security-Policy), since scripts can ask for more than their text shows.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

LOADS = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping"}
"""Attributes whose address a browser opens by itself, or sends something to."""

LINKS = {"canonical", "alternate", "next", "prev", "license", "author"}
"""What `<link rel=...>` may name elsewhere, since it is not loaded."""

ELSEWHERE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
CSS = re.compile(r"(?:url\(\s*|@import\s+)[\"']?\s*((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)
POLICY = "default-src 'none'"


class Page(HTMLParser):
    """What one page loads, and whether it has the policy."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.guarded = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "meta" and named.get("http-equiv", "").lower() == "content-security-policy":
            self.guarded = POLICY in named.get("content", "")
        rels = set(named.get("rel", "").lower().split())
        for name, value in named.items():
            loads = name in LOADS or (name == "href" and tag == "link" and not rels & LINKS)
            if loads and ELSEWHERE.match(value):
                self.found.append(f"<{tag} {name}={value!r}>")


def loads(folder: Path) -> list[str]:
    """What the files of a site load from elsewhere, and the pages without the policy."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".html":
            page = Page()
            text = path.read_text(encoding="utf-8")
            page.feed(text)
            found += [f"{name}: {one}" for one in page.found]
            found += [f"{name}: {one}" for one in CSS.findall(text)]
            found += [] if page.guarded else [f"{name}: no Content-Security-Policy"]
        elif path.suffix == ".css":
            found += [f"{name}: {one}" for one in CSS.findall(path.read_text(encoding="utf-8"))]
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was found; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    count = len(list(folder.rglob("*.html")))
    if not count:
        print(f"there is no page in {folder}", file=sys.stderr)
        return 1
    found = loads(folder)
    print("\n".join(found) or f"{count} pages load nothing from elsewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
