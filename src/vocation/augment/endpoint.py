"""Rewriting by a server that speaks the chat protocol of OpenAI, for makers who run or rent one:
off unless they name its address.

The texts of the rows leave this machine for that server. Ask the people who wrote them, or let the
server run on your own machine.
"""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

from vocation.errors import ConfigError, VocationError

_LARGEST = 2**20  # bytes of one answer
_ASK = (
    "Rewrite the text below in {count} different ways. Keep its meaning, its language, who speaks,"
    " every name, skill, number and everything that is denied. Answer with the rewritten texts"
    " alone, one on each line, without numbers or quotation marks.\n\n{text}"
)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A key must not travel to another address."""


class Endpoint:
    """A `generate` for `augment_data`: asks `url` + "/chat/completions" for each text, one after
    the other.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str = "",
        timeout: float = 60.0,
        temperature: float = 0.8,
        seed: int | None = 42,
    ) -> None:
        """url: such as http://127.0.0.1:8080/v1, http or https. model: the server's name for it.
        key: sent as a bearer token where not empty.
        timeout: seconds for each answer. temperature, seed: sent along; whether the same request
        gives the same answer is up to the server.
        """
        parts = urllib.parse.urlsplit(url if isinstance(url, str) else "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                "url must be an http or https address such as http://127.0.0.1:8080/v1, found"
                f" {url!r}"
            )
        if not isinstance(model, str) or not model.strip():
            raise ConfigError(f"model must be the server's name of a model, found {model!r}")
        if (
            isinstance(timeout, bool)
            or not isinstance(timeout, int | float)
            or not 0 < timeout <= 3600
        ):
            raise ConfigError(
                f"timeout must be a number of seconds above 0, up to 3600, found {timeout!r}"
            )
        if re.search(r"[^\x21-\x7e]", key):
            raise ConfigError("key must be letters, digits and signs without blanks or line ends")
        self._shown = (  # without user name, password and query
            f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
        )
        path = parts.path.rstrip("/").removesuffix("/chat/completions") + "/chat/completions"
        self._url = urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
        self._model = model
        self._key = key
        self._timeout = float(timeout)
        self._more = {"temperature": temperature, "seed": seed}
        self._open = urllib.request.build_opener(_NoRedirect).open

    def __call__(self, texts: Sequence[str], count: int) -> list[list[str]]:
        """For each text at most `count` rewritten ones. Raises VocationError where the server
        cannot be reached or answers something else.
        """
        return [
            self._lines(self._ask(_ASK.format(count=count, text=text)))[:count] for text in texts
        ]

    @staticmethod
    def _lines(answer: str) -> list[str]:
        lines = (
            re.sub(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+", "", line).strip().strip('"“”')
            for line in answer.splitlines()
        )
        return [line for line in lines if line]

    def _ask(self, prompt: str) -> str:
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": prompt}],
            **{k: v for k, v in self._more.items() if v is not None},
        }
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self._key}"} if self._key else {}),
        }
        request = urllib.request.Request(
            self._url, json.dumps(body).encode(), headers
        )  # http or https, checked above
        try:
            content, end = b"", time.monotonic() + self._timeout
            with self._open(request, timeout=self._timeout) as answer:
                while len(content) <= _LARGEST and (piece := answer.read1(2**16)):
                    content += piece
                    if (
                        time.monotonic() > end
                    ):  # the socket's own timeout begins anew with every byte
                        raise TimeoutError
        except urllib.error.HTTPError as error:
            cure = "check key" if error.code in (401, 403) else "check url and model"
            raise VocationError(
                f"the server at {self._shown} answered with status {error.code}: {cure}"
            ) from None
        except TimeoutError:
            raise VocationError(
                f"the server at {self._shown} gave no answer within {self._timeout:g} s: raise"
                " timeout, or take a faster model"
            ) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            late = isinstance(getattr(error, "reason", None), TimeoutError)
            why = (
                f"no answer within {self._timeout:g} s"
                if late
                else str(getattr(error, "reason", error))
            )
            raise VocationError(
                f"the server at {self._shown} cannot be reached ({why}): check that it runs and"
                " that url is right"
            ) from None
        if len(content) > _LARGEST:
            raise VocationError(
                f"the server at {self._shown} answered with more than {_LARGEST:,} bytes: ask it"
                " for fewer or shorter texts"
            )
        try:
            text = json.loads(content)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError):
            text = None
        if not isinstance(text, str):
            raise VocationError(
                f"the server at {self._shown} did not answer in the chat format (choices, message,"
                " content): check url"
            )
        return text
