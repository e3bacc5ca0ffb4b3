"""Push a bundle to a model hub or a shared folder, and pull it back.

Nothing but the files of the bundle is sent, and they are verified in both directions.

Only here and in training/ is huggingface_hub imported, and only when a command names a repository.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vocation.bundle import layout, reader, writer
from vocation.errors import BundleError, ConfigError, MissingExtra, VocationError
from vocation.serving.recommend import Recommender

SAFETENSORS = "model.safetensors"
"""The weights of career_model_cpu.pth for tools that read no .pth; made while pushing, so that no
bundle carries its weights twice.
"""

README = "README.md"
# Matches "anna/careers"; not "./models" or "a/b/c".
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_TOTAL = 3000 * layout.MB  # more than any bundle has; a larger repository is not fetched


def is_repository(place: str) -> bool:
    """Whether `place` means USER/NAME on a hub.

    An existing folder or file does not, nor does anything that begins with "." or "/".
    """
    return not os.path.exists(place) and _REPOSITORY.fullmatch(place) is not None


def push(
    place: str,
    source: str | Path = "models",
    private: bool = False,
    licence: str | None = None,
    api: Any = None,
) -> str:
    """Copy the bundle at `source` to `place`; returns where it is now.

    `source` is a folder or zip, `place` a repository USER/NAME or a folder. A repository gets the
    files that the manifest lists, the manifest, a card and the weights as safetensors where PyTorch
    is installed, all in one commit. `licence` is the hub's word for yours, such as "mit"; without
    it the card says that none is stated. `api` stands in for huggingface_hub's HfApi. Raises
    BundleError for a bundle that is not whole, VocationError for what the hub refuses.
    """
    files = _load_verified(source)
    if not is_repository(place):
        return str(writer.write(_folder(place, source), files))
    # Without the zip: `pull` makes it again, byte for byte.
    whole = {
        **files,
        layout.MANIFEST: layout.manifest_of(files),
        README: card(
            json.loads(files[layout.METADATA]), files[layout.CARD].decode(), place, licence
        ),
    }
    weights = _safetensors(files[layout.WEIGHTS]) if layout.WEIGHTS in files else None
    if weights is not None:
        whole[SAFETENSORS] = weights
    with _one_sentence(place, "pushed to"):
        # `_api` first: it names the missing extra where the import would fail.
        api = api or _api()
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        # An existing repository keeps its visibility, whatever `private` asks for.
        api.create_repo(place, private=private, exist_ok=True)
        if private and not api.model_info(place).private:
            raise VocationError(
                f"nothing was pushed: {place} exists and is public. Make it private on the hub,"
                " name another repository, or leave out --private"
            )
        present = api.list_repo_files(place)
        ours = {SAFETENSORS, *layout.bundle_files(present)}
        # Files of an older bundle that this one does not have.
        stale = sorted(ours.intersection(present) - set(whole))
        operations = [
            *(CommitOperationAdd(name, content) for name, content in whole.items()),
            *(CommitOperationDelete(name) for name in stale),
        ]
        # One commit, so that nobody can fetch halves of two models.
        done = api.create_commit(
            place,
            operations,
            commit_message=(
                f"A bundle for {len(json.loads(files[layout.METADATA])['classes'])} careers"
            ),
        )
    return str(done.repo_url)


def pull(
    place: str, output: str | Path = "models", revision: str | None = None, api: Any = None
) -> Path:
    """Fetch the bundle at `place`, verify every file, write it to `output`; returns that folder.

    `place` is a repository USER/NAME, a folder or a zip. `revision` is a branch, tag or commit
    of the repository. An older bundle in `output` is replaced only when the new one is whole.
    """
    if not is_repository(place):
        if revision is not None:
            raise ConfigError(f"--revision is for repositories, {place} is a folder or file")
        if not os.path.exists(place):
            raise VocationError(
                f"{place} is neither a folder, a zip, nor the name of a repository such as"
                " USER/NAME"
            )
        return writer.write(output, _load_verified(place))
    writer.check_writable(output)  # before hundreds of megabytes are fetched
    with tempfile.TemporaryDirectory(prefix="vocation-") as folder:
        with _one_sentence(place, "fetched from"):
            _fetch(place, revision, Path(folder), api or _api())
        try:
            files = _load_verified(folder)
        except BundleError as error:
            # The user knows the repository, not the temporary folder.
            raise BundleError(str(error).replace(folder, place)) from None
    return writer.write(output, files)


def _load_verified(place: str | Path) -> dict[str, bytes]:
    """Return the verified files of the bundle at `place`; one that cannot answer is refused."""
    Recommender.load(place)
    return reader.read_whole(place)


def card(metadata: Mapping[str, Any], text: str, name: str, licence: str | None = None) -> bytes:
    """README.md for a hub: a YAML header (licence, tags, figures), then the model card `text`."""
    header: dict[str, Any] = {
        # The hub's word for a licence that it has no name for is "other".
        **({"license": licence} if licence else {"license": "other", "license_name": "not-stated"}),
        "library_name": "vocation",
        "pipeline_tag": "text-classification",
        "base_model": metadata["config"]["base_model"],
        "tags": ["vocation", "careers", "recommendation", "onnx"],
    }
    figures = metadata["metrics"]
    if figures is not None:
        header["model-index"] = [
            {
                "name": name.rsplit("/", 1)[-1],
                "results": [_result(figures["test"], metadata["dataset"])],
            }
        ]
    if not is_repository(str(header["base_model"])):
        del header["base_model"]  # a folder of the machine that trained
    yaml = "\n".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in header.items()
    )  # JSON is YAML
    use = f"```bash\nvocation pull {name} --output models\nvocation recommend --bundle models\n```"
    return f"---\n{yaml}\n---\n\n{text.rstrip()}\n\n## Use it\n\n{use}\n".encode()


def _result(test: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "accuracy": "First answer right",
        "top_3": "Right in first three",
        "macro_f1": "Macro F1",
        "calibration_error": "Calibration error",
    }
    values = {
        key: test[key]["value"] if isinstance(test[key], Mapping) else test[key] for key in named
    }
    held = f"{test['accuracy']['n']} rows held out, role names masked (data {data['sha256'][:12]})"
    return {
        "task": {"type": "text-classification", "name": "Career recommendation"},
        "dataset": {"name": held, "type": "private"},
        "metrics": [
            {"type": key, "name": name, "value": round(values[key], 4)}
            for key, name in named.items()
        ],
    }


def _folder(place: str, source: str | Path) -> Path:
    if Path(place).is_file():
        raise ConfigError(f"{place} is a file: give a folder, or a repository such as USER/NAME")
    if os.path.realpath(place) == os.path.realpath(source):
        raise ConfigError(
            f"{place} is the bundle itself: give another folder, or a repository such as USER/NAME"
        )
    # Matches "./models" and "a/b"; a bare "models" may be half the name of a repository.
    if not re.search(r"[\\/]|^\.", place) and not os.path.isdir(place):
        raise ConfigError(
            f"{place!r} is neither a folder nor a repository: write ./{place} for a new folder"
            f" here, or USER/{place} for a repository"
        )
    return Path(place)


def _safetensors(weights: bytes) -> bytes | None:
    """The weights in the safetensors format; None without PyTorch, which alone reads a .pth."""
    # find_spec does not import what it finds.
    if any(importlib.util.find_spec(name) is None for name in ("torch", "safetensors")):
        return None
    from vocation.training.pytorch_file import as_safetensors

    return as_safetensors(weights)


def _api() -> Any:
    if importlib.util.find_spec("huggingface_hub") is None:
        raise MissingExtra("a model hub", "hub")
    # Before the import, which reads them. A value that the user has set stays.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from huggingface_hub import HfApi

    return HfApi(library_name="vocation")


def _fetch(place: str, revision: str | None, folder: Path, api: Any) -> None:
    found = api.model_info(place, revision=revision, files_metadata=True)
    sizes = {one.rfilename: int(one.size or 0) for one in found.siblings}
    wanted = [*layout.required_files(sizes), layout.MANIFEST]
    lacking = [name for name in wanted if name not in sizes]
    if lacking:
        raise BundleError(f"{place} is not a bundle of vocation, it lacks {', '.join(lacking)}")
    # Other files of the repository do not count: they are not fetched.
    if sum(sizes[name] for name in wanted) > _TOTAL:
        raise BundleError(
            f"{place} is larger than the {_TOTAL // layout.MB} MB that a bundle may have"
        )
    for name in wanted:  # of one commit, also if somebody pushes meanwhile
        api.hf_hub_download(place, name, revision=found.sha, local_dir=folder)


@contextlib.contextmanager
def _one_sentence(place: str, done: str) -> Iterator[None]:
    """Turn what the hub's library raises into one sentence that says what to do."""
    try:
        yield
    except VocationError:
        raise
    except (
        Exception
    ) as error:  # a dozen kinds of its own, and those of the library that it sends with
        raise VocationError(f"the bundle could not be {done} {place}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Return why the hub refused, by the status of its answer or the kind of error."""
    # By name, so that the library need not be imported to compare.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(getattr(error, "response", None), "status_code", None)
    if "OfflineModeIsEnabled" in kinds:
        return "offline mode is on: unset HF_HUB_OFFLINE"
    if "LocalTokenNotFoundError" in kinds or (
        # The hub answers 401 also for a repository that does not exist.
        status == 401 and "RepositoryNotFoundError" not in kinds
    ):
        return "there is no valid token: log in with  hf auth login  or set HF_TOKEN"
    # It is a kind of RepositoryNotFoundError, so it is asked for first.
    if "GatedRepoError" in kinds or status == 403:
        return "your token may not do that: ask the owner, or make a token that may write"
    if "RevisionNotFoundError" in kinds:
        return "there is no such revision"
    if "RepositoryNotFoundError" in kinds or status == 404:
        return (
            "there is no such repository, or it is private and you are not logged in (hf auth"
            " login)"
        )
    # The names of both httpx and requests.
    if kinds & {
        "ConnectError",
        "ConnectTimeout",
        "ConnectionError",
        "TimeoutException",
        "NetworkError",
    }:
        return "the hub cannot be reached: check the connection, and HF_ENDPOINT if you set it"
    text = str(error).strip().splitlines()
    return text[0][:160] if text else type(error).__name__
