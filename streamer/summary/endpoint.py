"""An OpenAI-compatible endpoint: Ollama, vLLM, MindIE, and others."""

from __future__ import annotations

import ipaddress
import json
import os
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from streamer.errors import SettingsError, SummaryError
from streamer.settings.summary import SummarySettings

MAX_ANSWER_BYTES = 1_000_000
"""A longer answer is refused."""
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""States of a server that may pass."""
_REFUSED_KEY = frozenset({400, 422})
"""How servers refuse a request over a key that they do not know, or a value that the model does not take."""
_CONNECT_SECONDS = 10.0
_FIRST_BACKOFF = 1.0


class ChatEndpoint:
    """Asks one model. A context manager: connections are kept until its end."""

    def __init__(
        self,
        settings: SummarySettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the connection; nothing is sent yet.

        Raises:
            SettingsError: the address, the model's name, the key, or the proxy or certificates that the environment
                names, is missing or malformed.
        """
        if not _is_address(settings.base_url):
            raise SettingsError(
                f"[summary] base_url is {settings.base_url!r}; expected something like http://localhost:11434/v1"
            )
        if not settings.model:
            raise SettingsError("[summary] model is empty; name the model that the endpoint serves")
        self.model = settings.model
        self._settings = settings
        self._sleep = sleep
        self._clock = clock
        self._address = settings.base_url.rstrip("/") + "/chat/completions"
        self._url = _without_login(self._address)
        """For messages."""
        self._client = _client(settings)
        self._wishes: dict[str, Any] = {"response_format": {"type": "json_object"}, "temperature": 0.2}
        """Keys that some servers and models refuse; a request does without those that were."""

    def close(self) -> None:
        """Close the connections. Safe to call twice."""
        self._client.close()

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
                target = _without_login(urljoin(self._url, response.headers["Location"]))
                advice = f"it points to {target}: set [summary] base_url so, without /chat/completions"
            raise SummaryError(f"{self._url} answered {status}: {_shown(content)}; {advice}")
        return _content_of(content, self._url)

    def _refused(self, content: bytes) -> str | None:
        """What to do without: what the refusal names, else the key that fewest servers know; None for nothing."""
        named = next((key for key in self._wishes if key.encode() in content), None)
        return named or next((key for key in self._wishes if key == "response_format"), None)

    def _post(self, body: dict[str, Any]) -> tuple[httpx.Response, bytes]:
        """An answer, read already, and its body, within time and size."""
        deadline = self._clock() + self._settings.timeout_s
        content = b""
        try:
            with self._client.stream("POST", self._address, json=body) as response:
                for block in response.iter_bytes():
                    content += block
                    if len(content) > MAX_ANSWER_BYTES:
                        raise SummaryError(f"{self._url} answered with more than {MAX_ANSWER_BYTES} bytes")
                    if self._clock() > deadline:
                        raise _PassingError(self._too_slow())
                return response, content
        except httpx.ConnectTimeout as error:
            seconds = min(_CONNECT_SECONDS, self._settings.timeout_s)
            raise _PassingError(
                f"cannot reach {self._url} within {seconds:g} s; is the server running, and with TLS only for "
                "https? ([summary] base_url)"
            ) from error
        except httpx.TimeoutException as error:
            raise _PassingError(self._too_slow()) from error
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SummaryError(
                    f"the certificate of {self._url} is not trusted ({error}); where it was made at home, name its "
                    "file in the environment variable SSL_CERT_FILE"
                ) from error
            if "WRONG_VERSION_NUMBER" in str(error):
                raise SummaryError(f"{self._url} speaks no TLS; write http:// in [summary] base_url") from error
            raise _PassingError(
                f"cannot reach {self._url}: {error}; is the server running? ([summary] base_url)"
            ) from error
        except httpx.HTTPError as error:
            raise SummaryError(f"{self._url} answered in no known form: {error}") from error

    def _too_slow(self) -> str:
        return (
            f"{self._url} did not answer within {self._settings.timeout_s:g} s; raise [summary] timeout_s, "
            "lower part_characters, or take a smaller model"
        )


def _client(settings: SummarySettings) -> httpx.Client:
    key = _key(settings.key_env)
    try:
        # The key goes to this address only, so redirects are not followed.
        return httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(settings.timeout_s, connect=min(_CONNECT_SECONDS, settings.timeout_s)),
            follow_redirects=False,
            verify=_trusted() if settings.base_url.lower().startswith("https:") else True,
            trust_env=not _is_on_this_machine(settings.base_url),
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


def _without_login(url: str) -> str:
    """An address without the user and password that it may hold."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        httpx.URL(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):  # half of the brackets, a port that is no number, a host that is no name
        return False


def _is_on_this_machine(url: str) -> bool:
    """Whether no proxy can be meant, which would look for the address on its own machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
