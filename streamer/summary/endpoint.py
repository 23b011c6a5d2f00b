"""An OpenAI-compatible endpoint: Ollama, vLLM, MindIE, and others."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import httpx

from streamer.errors import SettingsError, SummaryError
from streamer.settings.summary import SummarySettings
from streamer.summary.address import is_address, is_on_this_machine, without_login

MAX_ANSWER_BYTES = 1_000_000
"""A longer answer is refused."""
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""States of a server that may pass."""
_REFUSED_KEY = frozenset({400, 422})
"""How servers refuse a request over a key that they do not know, or a value that the model does not take."""
_CONNECT_SECONDS = 10.0
_GRACE_SECONDS = 0.5
"""More than the library has for each step: it knows which one was slow."""
_FIRST_BACKOFF = 1.0


class ChatEndpoint:
    """Asks one model. A context manager: connections are kept until its end."""

    def __init__(self, settings: SummarySettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare the connection; nothing is sent yet.

        Raises:
            SettingsError: the address, the model's name, the key, or the proxy or certificates that the environment
                names, is missing or malformed.
        """
        if not is_address(settings.base_url):
            raise SettingsError(
                f"[summary] base_url is {settings.base_url!r}; expected something like http://localhost:11434/v1"
            )
        if not settings.model:
            raise SettingsError("[summary] model is empty; name the model that the endpoint serves")
        self.model = settings.model
        self._settings = settings
        self._sleep = sleep
        self._address = settings.base_url.rstrip("/") + "/chat/completions"
        self._url = without_login(self._address)
        """For messages."""
        self._client = _client(settings)
        # Only so an answer can be given up as a whole: httpx without asyncio bounds each read of a socket by itself.
        self._runner = asyncio.Runner()
        self._wishes: dict[str, Any] = {"response_format": {"type": "json_object"}, "temperature": 0.2}
        """Keys that some servers and models refuse; a request does without those that were."""

    def close(self) -> None:
        """Close the connections. Safe to call twice."""
        if not self._client.is_closed:
            self._runner.run(self._client.aclose())
        self._runner.close()

    def ask(self, messages: list[dict[str, str]]) -> str:
        """The model's answer.

        Raises:
            SummaryError: the endpoint is down, refuses, is too slow, or answers in no known form.
        """
        backoff = _FIRST_BACKOFF
        for attempt in range(self._settings.retries + 1):
            try:
                return self._answer(messages)
            except _PassingError as error:
                if attempt == self._settings.retries:
                    raise SummaryError(str(error)) from error
                wanted = min(error.seconds, self._settings.timeout_s)
            self._sleep(max(backoff, wanted))
            backoff *= 2
        raise AssertionError("unreachable")

    def _answer(self, messages: list[dict[str, str]]) -> str:
        body: dict[str, Any] = {"model": self.model, "messages": messages, "stream": False}
        response, content = self._post(body | self._wishes)
        while response.status_code in _REFUSED_KEY and (refused := self._refused(content)) is not None:
            del self._wishes[refused]
            response, content = self._post(body | self._wishes)
        status = response.status_code
        if status in _PASSING:
            message = f"{self._url} answered {status}: {_shown(content)}; try again later"
            raise _PassingError(message, _seconds(response.headers.get("Retry-After", "")))
        if status != httpx.codes.OK:
            advice = {
                401: f"set the key in the environment variable {self._settings.key_env}",
                403: f"the key in {self._settings.key_env} may not use it",
                404: "check [summary] base_url and model",
            }.get(status, "check [summary] in the configuration")
            if response.has_redirect_location:
                target = without_login(urljoin(self._url, response.headers["Location"]))
                advice = f"it points to {target}: set [summary] base_url so, without /chat/completions"
            raise SummaryError(f"{self._url} answered {status}: {_shown(content)}; {advice}")
        return _content_of(content, self._url)

    def _refused(self, content: bytes) -> str | None:
        """What to do without: what the refusal names, else the key that fewest servers know; None for nothing."""
        named = next((key for key in self._wishes if key.encode() in content), None)
        return named or next((key for key in self._wishes if key == "response_format"), None)

    def _post(self, body: dict[str, Any]) -> tuple[httpx.Response, bytes]:
        """An answer, read already, and its body, within time and size."""
        try:
            return self._runner.run(self._answered(body))
        except httpx.ConnectTimeout as error:
            seconds = min(_CONNECT_SECONDS, self._settings.timeout_s)
            raise _PassingError(
                f"cannot reach {self._url} within {seconds:g} s; is the server running, and with TLS only for "
                "https? ([summary] base_url)"
            ) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _PassingError(
                f"{self._url} did not answer within {self._settings.timeout_s:g} s; raise [summary] timeout_s, "
                "lower part_characters, or take a smaller model"
            ) from error
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SummaryError(
                    f"the certificate of {self._url} is not trusted ({error}); where it was made at home, name its "
                    "file in the environment variable SSL_CERT_FILE"
                ) from error
            if "WRONG_VERSION_NUMBER" in str(error):
                raise SummaryError(f"{self._url} speaks no TLS; write http:// in [summary] base_url") from error
            raise _PassingError(
                f"cannot reach {self._url}: {_reason(error)}; is the server running? ([summary] base_url)"
            ) from error
        except httpx.HTTPError as error:
            raise SummaryError(f"{self._url} answered in no known form: {error}") from error

    async def _answered(self, body: dict[str, Any]) -> tuple[httpx.Response, bytes]:
        content = b""
        async with (
            asyncio.timeout(self._settings.timeout_s + _GRACE_SECONDS),
            self._client.stream("POST", self._address, json=body) as response,
        ):
            async for block in response.aiter_bytes():
                content += block
                if len(content) > MAX_ANSWER_BYTES:
                    raise SummaryError(f"{self._url} answered with more than {MAX_ANSWER_BYTES} bytes")
        return response, content


def _client(settings: SummarySettings) -> httpx.AsyncClient:
    key = _key(settings.key_env)
    try:
        # The key goes to this address only, so redirects are not followed.
        return httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(settings.timeout_s, connect=min(_CONNECT_SECONDS, settings.timeout_s)),
            follow_redirects=False,
            verify=_trusted() if settings.base_url.lower().startswith("https:") else True,
            trust_env=not is_on_this_machine(settings.base_url),
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        raise SettingsError(
            f"the proxy or the certificates that the environment names cannot be used ({error}); unset or correct "
            "all_proxy, http_proxy, https_proxy and SSL_CERT_FILE: a proxy has to be one as http://host:3128"
        ) from error


def _trusted() -> ssl.SSLContext:
    """What certificates are held against, of this machine too: SSL_CERT_FILE, or else the usual authorities."""
    context = httpx.create_ssl_context()
    if os.environ.get("SSL_CERT_FILE"):
        # From Python 3.13 on authorities are asked for extensions that those made at home seldom have.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _key(variable: str) -> str:
    """The key, without the line end that comes with one read from a file; never shown."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(
            f"the key in {variable} holds what no key may: letters that are not ASCII, or line breaks; set it anew"
        )
    return key


class _PassingError(Exception):
    """A failure after which trying again makes sense."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        """``seconds``: how long the server wants to be left alone."""
        super().__init__(message)
        self.seconds = seconds


def _reason(error: httpx.TransportError) -> str:
    """What the system said, where several attempts to connect are told as one; else what the library says."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # one for each address of the name
            cause = cause.exceptions[0]
        if isinstance(cause, ConnectionError) and cause.errno is not None:
            return f"[Errno {cause.errno}] {os.strerror(cause.errno)}"
        cause = cause.__cause__ or cause.__context__
    return str(error)


def _seconds(header: str) -> float:
    """What Retry-After says; nothing where it is a date, which clocks that differ make useless."""
    return float(header) if header.isascii() and header.isdigit() else 0.0


def _content_of(content: bytes, url: str) -> str:
    try:
        text = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise SummaryError(f"{url} answered in no known form ({_shown(content)}); is it OpenAI-compatible?") from error
    if isinstance(text, list):  # parts, as of models that think
        parts = [part.get("text") for part in text if isinstance(part, dict) and part.get("type") == "text"]
        text = "".join(part for part in parts if isinstance(part, str)) if parts else None
    if not isinstance(text, str):
        raise SummaryError(f"{url} answered without text; is it a chat model, and may its answers be long enough?")
    return text.encode(errors="replace").decode()  # half of a surrogate pair, which JSON may hold and no file


def _shown(content: bytes) -> str:
    """The beginning of an answer, for a message."""
    return " ".join(content[:200].decode(errors="replace").split()) or "nothing"
