"""Build the documentation as a site into build/site, strictly: a link that leads nowhere fails.

The pages are those of docs/, and the few beside it that they link to. Links to other files of the
repository lead to its address. Needs the extra docs.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import check_site

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
BESIDE = {
    "docs/README.md": "index.md",
    "benchmarks/results.md": "results.md",
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Pages by their place in the repository, and their names in the site. docs/ keeps its names."""

LINK = re.compile(r"(\]\(<?)([^)\s>#]+)([^)]*\))")


def pages() -> dict[str, str]:
    """The place of every page in the repository, and its name in the site."""
    inside = {path.relative_to(ROOT).as_posix(): path.name for path in ROOT.glob("docs/*.md")}
    return {**inside, **BESIDE}


def for_site(text: str, place: str, names: dict[str, str], address: str) -> str:
    """The page with links that hold in the site: to its pages, and else to the repository."""

    def changed(link: re.Match[str]) -> str:
        before, target, after = link.groups()
        if re.match(r"[a-z]+:", target):
            return link.group()
        path = os.path.normpath(Path(place).parent / target).replace(os.sep, "/")
        if not (ROOT / path).exists():
            sys.exit(f"{place} links to {target}, which is not there")
        inside = path.removeprefix("docs/") if path.startswith("docs/images/") else names.get(path)
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return before + (inside or f"{address}/{kind}/main/{path}") + after

    return LINK.sub(changed, text)


def navigation(names: dict[str, str]) -> list[dict[str, str]]:
    """The pages in the order in which docs/README.md first links to them, then those beside it."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = [f"docs/{name}" for name in re.findall(r"\]\(([\w-]+\.md)[)#]", index)]
    order = dict.fromkeys(["docs/README.md", *linked, *BESIDE])
    if missing := sorted(set(names) - set(order)):
        sys.exit(f"docs/README.md does not link to {', '.join(missing)}")
    return [{title(place): names[place]} for place in order]


def title(place: str) -> str:
    """The page's own heading."""
    text = (ROOT / place).read_text(encoding="utf-8")
    found = re.search(r"(?m)^# (.+)$", text)
    return found.group(1) if found else place


def main() -> int:
    """Gather, build, check; the exit status."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = pages()
    shutil.rmtree(BUILD / "pages", ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "images", BUILD / "pages" / "images")
    for place, name in names.items():
        text = (ROOT / place).read_text(encoding="utf-8")
        changed = for_site(text, place, names, project["urls"]["Repository"])
        (BUILD / "pages" / name).write_text(changed, encoding="utf-8")
    # JSON is YAML. Beside mkdocs.yml, since the paths in it are read from where it lies.
    config = ROOT / ".mkdocs.yml"
    nav = json.dumps(navigation(names), ensure_ascii=False)
    plain = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    try:
        config.write_text(f"{plain}nav: {nav}\n", encoding="utf-8")
        zensical = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", config]
        status = subprocess.run(zensical, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}).returncode
    finally:
        config.unlink(missing_ok=True)
    return status or check_site.main([str(BUILD / "site")])


if __name__ == "__main__":
    sys.exit(main())
