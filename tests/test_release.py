"""What a release and its readers rely on: generated pages, versions, the address, the image."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from vocation import __version__
from vocation.cli import parser

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a file of scripts/ by its name."""

    def load(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(ROOT / "scripts"))
        return importlib.import_module(name)

    return load


def test_python_m_vocation() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vocation", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"vocation {__version__}\n"
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_the_python_page_is_fresh(script: Any) -> None:
    page = (ROOT / "docs" / "python-api.md").read_text("utf-8")
    assert page == script("api_reference").reference(), (
        "docs/python-api.md is stale: run  make docs"
    )


# --------------------------------------------------------------------------------------------------


def texts() -> dict[str, str]:
    """Every text file of the repository by name: not those of environments, builds and caches."""
    found = {}
    for folder, inside, files in os.walk(ROOT):
        here = Path(folder)
        inside[:] = [
            name
            for name in inside
            if (not name.startswith(".") or name in (".ci", ".github"))
            and name not in ("build", "dist", "models", "node_modules", "runs", "__pycache__")
        ]
        for name in files:
            if (here / name).stat().st_size < 500_000:
                text = (here / name).read_bytes().decode("utf-8", "replace")
                found[(here / name).relative_to(ROOT).as_posix()] = text
    return found


def test_the_placeholder_is_where_contributing_says() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = contributing.split("## The address of the project")[1].split("\n## ")[0]
    named = {name for name in re.findall(r"`([\w./-]+)`", section) if (ROOT / name).is_file()}
    has = {name for name, text in texts().items() if "OWNER/vocation" in text}
    assert has == named | {"CONTRIBUTING.md"}
    replaced = section.split("sed -i")[1].split("```")[0]
    only_looks = {"CONTRIBUTING.md", ".ci/release", "tests/test_release.py"}
    assert {name for name in has if name in replaced} == has - only_looks


def test_constraints_are_of_all_that_is_needed_and_nothing_else() -> None:
    """Names and versions alone: no address, no folder, no build of one machine."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    untried = next(line for line in lines if line.startswith("# Not tried: "))[13:].split(", ")
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", line)] == []
    versions = dict(line.split("==") for line in pins)
    extras = PROJECT["optional-dependencies"].values()
    for line in [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]:
        one = Requirement(line)
        if one.name not in ("vocation", *untried):
            pinned = versions.get(canonicalize_name(one.name))
            assert pinned, f"{line} is not in constraints.txt: run  make constraints"
            assert pinned in one.specifier, f"{line}, but constraints.txt has {pinned}"


def test_a_floor_is_required_as_such(script: Any) -> None:
    lowest = script("lowest").floors(["", "app"])
    assert "streamlit==" in " ".join(lowest)
    assert all(
        re.fullmatch(r"[\w.-]+(\[\w+\])?==[\d.]+", line) for line in script("lowest").floors([])
    )


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_ask_for_little_and_call_scripts_that_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert "concurrency" in workflow
    for name, job in workflow["jobs"].items():
        if "id-token" in job.get("permissions", {}):
            assert "environment" in job, f"{name} may publish without a reviewer"
            assert not any("run" in step for step in job["steps"]), f"{name} runs code"
        for step in job["steps"]:
            assert re.fullmatch(r"[\w-]+/[\w-]+@v[\d.]+", step.get("uses", "a/b@v1"))
    for called in re.findall(r"run: (\.ci/\w+)", text):
        assert os.access(ROOT / called, os.X_OK), called


SELF = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self'\">"
)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (f'{SELF}<a href="https://a.org">a</a><img src="a.png">', 0),
        (f'{SELF}<link rel="canonical" href="https://a.org/">', 0),
        (f'{SELF}<link rel="stylesheet" href="//fonts.a.org/css">', 1),
        (f'{SELF}<script src="https://a.org/a.js"></script>', 1),
        (f'{SELF}<img srcset="https://a.org/a.png 2x">', 1),
        (f"{SELF}<style>@import 'https://a.org/a.css';</style>", 1),
        ('<p style="background: url(//a.org/a.png)">', 2),  # and no policy
        ("<p>", 1),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(
    page: str, found: int, script: Any, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert len(script("check_site").loads(tmp_path)) == found


def test_pages_of_the_site(script: Any) -> None:
    """Every page is reached from docs/README.md, and links lead to pages or to the repository."""
    site = script("build_site")
    names = site.pages()
    targets = [target for entry in site.navigation(names) for target in entry.values()]
    assert sorted(targets) == sorted(set(names.values()))
    text = "[a](../benchmarks/results.md#x) [b](hub.md) [c](../LICENSE) [d](https://a.org) [e](#f)"
    assert site.for_site(text, "docs/page.md", names, "https://r") == (
        "[a](results.md#x) [b](hub.md) [c](https://r/blob/main/LICENSE) [d](https://a.org) [e](#f)"
    )


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Dockerfile", "deploy/space/Dockerfile"])
def test_an_image_runs_as_nobody_and_its_command_exists(name: str, script: Any) -> None:
    stages = script("container_commands").instructions(ROOT / name)
    last = dict(stages[-1])
    assert int(last["USER"].split(":")[0]) >= 1000
    assert "HEALTH_URL=" in last["ENV"]
    assert "HEALTH_URL" in last["HEALTHCHECK"]
    assert len({stage[0][1].split()[0] for stage in stages}) == 1, "one base image"
    program, *arguments = yaml.safe_load(last["CMD"])
    assert program == "vocation"
    parser().parse_args(arguments)
    commands = " ".join(rest for stage in stages for word, rest in stage if word == "RUN")
    extras = re.findall(r"\[([\w,]+)\]", commands)
    assert extras
    assert not {"train", "tune", "dev"} & set(",".join(extras).split(","))


def test_an_image_is_built_from_files_that_may_go_in(script: Any) -> None:
    allowed = re.findall(r"(?m)^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"))
    first = script("container_commands").instructions(ROOT / "Dockerfile")[0]
    copied = [one for word, rest in first if word == "COPY" for one in rest.split()[:-1]]
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / one).exists() for one in copied)


def test_services_can_change_nothing() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert list(compose["services"]) == ["page", "api"]
    for service in compose["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
        assert service["volumes"] == ["./models:/bundle:ro"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    program, *arguments = compose["services"]["api"]["command"]
    assert (program, arguments[0]) == ("vocation", "serve")
