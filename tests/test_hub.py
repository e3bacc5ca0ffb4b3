"""To a hub and back, against a stand-in on 127.0.0.1 that speaks to the real huggingface_hub; and
the same with folders.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_stand_in import TOKEN, StandIn, stand_in

from vocation import Recommender, hub
from vocation.bundle import layout
from vocation.errors import BundleError, ConfigError, VocationError

REPO = "me/careers"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


def api(server: StandIn, token: str | bool = TOKEN) -> object:
    from huggingface_hub import HfApi

    return HfApi(endpoint=server.endpoint, token=token)


def command(
    server: StandIn, *arguments: str | Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    own = {
        "HF_ENDPOINT": server.endpoint,
        "HF_TOKEN": TOKEN,
        "HF_HOME": "/nonexistent",
        **environment,
    }
    line = [sys.executable, "-m", "vocation.cli", *map(str, arguments)]
    return subprocess.run(
        line, capture_output=True, text=True, timeout=120, env={**os.environ, **own}
    )


def same(one: Path, other: Path) -> bool:
    return all(
        (one / name).read_bytes() == (other / name).read_bytes()
        for name in (*layout.WRITTEN, layout.MANIFEST, layout.ZIP)
    )


def test_push_sends_the_bundle_and_nothing_else(
    server: StandIn, bundle_folder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "models"
    shutil.copytree(bundle_folder, source)
    (source / "people.csv").write_text("name,text", encoding="utf-8")  # what else may lie there
    (source / "runs").mkdir()
    done = command(server, "push", REPO, "--bundle", source, "--private", "--license", "mit")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"The bundle is at {server.endpoint}/{REPO}"
    sent = server.files[REPO]
    assert set(sent) == {
        *layout.WRITTEN,
        *layout.OPTIONAL,
        layout.MANIFEST,
        "README.md",
        "model.safetensors",
    }
    assert server.private == {REPO}
    assert server.commits == 1, "all or nothing"
    assert all(
        content == (source / name).read_bytes()
        for name, content in sent.items()
        if name in layout.WRITTEN
    )
    assert sent[layout.MANIFEST] == (source / layout.MANIFEST).read_bytes()
    assert {request.split()[1].split("/")[1] for request in server.asked} == {"api"}

    done = command(server, "pull", REPO, "--output", tmp_path / "pulled")
    assert done.returncode == 0, done.stderr
    assert same(tmp_path / "pulled", source)
    text = "I write Python code all day"
    assert (
        Recommender.load(tmp_path / "pulled").probabilities([text])
        == Recommender.load(source).probabilities([text])
    ).all()


def test_private_never_publishes(server: StandIn, bundle_folder: Path) -> None:
    server.files[REPO] = {}  # exists, for all to see
    with pytest.raises(VocationError, match=f"{REPO} exists and is public"):
        hub.push(REPO, bundle_folder, private=True, api=api(server))
    assert server.files[REPO] == {}
    assert server.commits == 0
    server.private = {REPO}
    hub.push(REPO, bundle_folder, private=True, api=api(server))
    assert layout.MODEL in server.files[REPO]


def test_a_place_that_cannot_be_written_is_refused_before_fetching(
    server: StandIn, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match="working directory"):
        hub.pull(REPO, ".", api=api(server))
    assert server.asked == []


def test_the_card_has_the_figures_and_the_weights_are_the_same(
    server: StandIn, bundle_folder: Path
) -> None:
    import torch
    import yaml
    from safetensors.torch import load

    hub.push(REPO, bundle_folder, api=api(server))
    readme = server.files[REPO]["README.md"].decode()
    _, header, text = readme.split("---\n", 2)
    values = yaml.safe_load(header)
    accuracy = json.loads((bundle_folder / layout.METADATA).read_bytes())["metrics"]["test"][
        "accuracy"
    ]
    assert values["license"] == "other"
    assert values["base_model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert "vocation" in values["tags"]
    metrics = {
        entry["type"]: entry["value"] for entry in values["model-index"][0]["results"][0]["metrics"]
    }
    assert metrics["accuracy"] == round(accuracy["value"], 4)
    assert f"{accuracy['value']:.1%} (95 % interval" in text
    assert f"vocation pull {REPO}" in text
    kept = torch.load(bundle_folder / layout.WEIGHTS)["model_state_dict"]
    sent = load(server.files[REPO]["model.safetensors"])
    assert kept.keys() == sent.keys()
    assert all(torch.equal(kept[name], sent[name]) for name in kept)


def test_without_torch_older_weights_do_not_stay_behind(
    server: StandIn, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files[REPO] = {"model.safetensors": b"of an older model", "notes.txt": b"somebody's"}
    monkeypatch.setattr(hub, "_safetensors", lambda weights: None)
    hub.push(REPO, bundle_folder, api=api(server))
    assert "model.safetensors" not in server.files[REPO]
    assert "notes.txt" in server.files[REPO]


@pytest.mark.parametrize("name", [layout.MODEL, layout.LABELS])
def test_what_arrives_damaged_is_not_kept(
    name: str, server: StandIn, bundle_folder: Path, tmp_path: Path
) -> None:
    """One flipped bit, in a file that answers and in one that only travels: the older bundle
    stays.
    """
    hub.push(REPO, bundle_folder, api=api(server))
    content = bytearray(server.files[REPO][name])
    content[100] ^= 1
    server.files[REPO][name] = bytes(content)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "before").touch()
    with pytest.raises(BundleError, match=rf"^me/careers: {name} is not the file that was written"):
        hub.pull(REPO, tmp_path / "models", api=api(server))
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["before"]


def test_a_repository_that_is_no_bundle(server: StandIn, tmp_path: Path) -> None:
    server.files[REPO] = {"config.json": b"{}", "model.onnx": b"0"}
    with pytest.raises(
        BundleError, match=r"me/careers is not a bundle of vocation, it lacks career_model_cpu.pth"
    ):
        hub.pull(REPO, tmp_path / "models", api=api(server))
    server.files[REPO] = dict.fromkeys((*layout.WRITTEN, layout.MANIFEST), b"")
    with pytest.raises(BundleError, match=r"manifest\.json is not readable JSON"):
        hub.pull(REPO, tmp_path / "models", api=api(server))
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (
            ("push", REPO),
            {"HF_TOKEN": ""},
            (
                "could not be pushed to me/careers: there is no valid token: log in with  hf auth"
                " login"
            ),
        ),
        (("push", REPO), {"HF_HUB_OFFLINE": "1"}, "offline mode is on: unset HF_HUB_OFFLINE"),
        (
            ("pull", "me/none"),
            {},
            "could not be fetched from me/none: there is no such repository, or it is private",
        ),
        (
            ("pull", REPO),
            {"HF_ENDPOINT": "http://127.0.0.1:9"},
            "the hub cannot be reached: check the connection",
        ),
        (
            ("pull", "nobody"),
            {},
            "nobody is neither a folder, a zip, nor the name of a repository such as USER/NAME",
        ),
    ],
)
def test_one_sentence_for_what_the_hub_refuses(
    arguments: tuple[str, str],
    environment: dict[str, str],
    message: str,
    server: StandIn,
    bundle_folder: Path,
    tmp_path: Path,
) -> None:
    options = (
        ("--bundle", bundle_folder) if arguments[0] == "push" else ("--output", tmp_path / "out")
    )
    done = command(server, *arguments, *options, **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_folders_work_wherever_a_repository_does(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "team" / "careers"
    assert hub.push(str(shared), bundle_folder) == str(shared)
    assert hub.pull(str(shared), tmp_path / "mine") == tmp_path / "mine"
    assert same(tmp_path / "mine", bundle_folder)
    assert hub.pull(str(shared / layout.ZIP), tmp_path / "zipped") == tmp_path / "zipped"
    assert same(tmp_path / "zipped", bundle_folder)
    (shared / layout.NGRAMS).write_bytes(b"torn")
    with pytest.raises(BundleError, match=r"ngrams.npy is not the file that was written"):
        hub.pull(str(shared), tmp_path / "mine")
    assert same(tmp_path / "mine", bundle_folder), "what was there stays"
    with pytest.raises(BundleError, match="is not the file that was written"):
        hub.push(str(tmp_path / "elsewhere"), shared)
    with pytest.raises(ConfigError, match="is the bundle itself"):
        hub.push(str(bundle_folder), bundle_folder)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ConfigError,
        match=r"write \./careers for a new folder here, or USER/careers for a repository",
    ):
        hub.push("careers", bundle_folder)
    with pytest.raises(ConfigError, match="--revision is for repositories"):
        hub.pull(str(shared), tmp_path / "x", revision="main")
    assert hub.is_repository("team/models")
    assert not hub.is_repository("team/careers"), "a folder that is there is a folder"
    assert not any(
        map(
            hub.is_repository,
            ("./a/b", "/a/b", "../b", "a/b/c", "C:/a", "~/a", "models", "a/b.zip/.."),
        )
    )


def test_without_the_extra_it_says_so(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    with pytest.raises(
        VocationError,
        match=(
            r'a model hub needs the "hub" extra, which is not installed: run  pip install'
            r" .*\[hub\]"
        ),
    ):
        hub.push(REPO, bundle_folder)
