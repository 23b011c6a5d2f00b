"""The answers that a summary still in the making has got: each took a model its time, and may have cost money."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from streamer.places import new_private_file
from streamer.summary.values import Summary

logger = logging.getLogger(__name__)

_Messages = Sequence[dict[str, str]]


class Answers:
    """Summaries by the request that they answer, in one file: the same request need not be made again."""

    def __init__(self, path: Path, endpoint: str) -> None:
        """What an interrupted summary has left; a file that is in another form is begun anew.

        Args:
            path: the file.
            endpoint: whose answers, address and model: others' do not count.
        """
        self._path = path
        self._endpoint = endpoint
        self._is_refused = False
        self._found: dict[str, Summary] = {}
        try:
            self._found = msgspec.json.decode(path.read_bytes(), type=dict[str, Summary])
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError) as error:
            logger.warning("earlier answers are asked for again: %s: %s", path, error)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._found)

    def find(self, messages: _Messages) -> Summary | None:
        """The answer to a request; None where there is none yet."""
        return self._found.get(self._key(messages))

    def add(self, messages: _Messages, summary: Summary) -> None:
        """Keep an answer; a disk that refuses is told of once, and does not keep the summary from being made."""
        self._found[self._key(messages)] = summary
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            with new_private_file(part) as file:
                file.write(msgspec.json.encode(self._found))
            part.replace(self._path)
        except OSError as error:
            with suppress(OSError):  # what a full disk has taken of it
                part.unlink(missing_ok=True)
            if not self._is_refused:
                logger.warning("answers cannot be kept in %s: %s", self._path, error.strerror or error)
            self._is_refused = True

    def forget(self) -> None:
        """Delete them: the summary is made.

        Raises:
            OSError: the disk refuses.
        """
        self._path.unlink(missing_ok=True)

    def _key(self, messages: _Messages) -> str:
        return hashlib.sha256(json.dumps([self._endpoint, list(messages)]).encode()).hexdigest()
