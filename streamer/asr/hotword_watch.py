"""Hotwords as they are now: those of the settings, and those of a list that may change while a meeting runs."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

from streamer.asr.hotword_list import Hotword, parse_hotword, parse_kept_hotword, read_hotwords
from streamer.errors import SettingsError
from streamer.places import named
from streamer.settings.hotwords import HotwordSettings
from streamer.types import HotwordsChanged

_Stamp = tuple[int, int, int]
"""What changes when a file is written or replaced: modification time in ns, size in bytes, inode."""
_ABSENT: Final[_Stamp] = (0, 0, 0)
_NO_FILE: Final[_Stamp] = (-1, 0, 0)
"""Of a named pipe, say: it can be read once, and then keeps whoever reads it."""
_PATIENCE_S: Final = 0.05
"""How long the words wait for a look at their list. A disk that answers at all does so sooner: an utterance so has the
words of its own time, and captions do not stand still while a network disk hangs."""
_SILENT_S: Final = 5.0
"""From when on a look that is not done is a disk that does not answer. The longest lists are read in a second."""


class HotwordSource(Protocol):
    """Where a recogniser's hotwords come from."""

    def words_from(self, start_sample: int) -> tuple[Hotword, ...]:
        """The hotwords for an utterance that begins there; the same object as long as nothing changed."""

    @property
    def complaint(self) -> str:
        """What is wrong with them; empty where nothing is."""

    @property
    def may_change(self) -> bool:
        """Whether there is anything to note when they do."""


class HotwordWatch:
    """Hotwords of the settings, shared by the recognisers of all rooms. May be used from any thread.

    A list is looked at whenever :attr:`words` is asked for, in a thread of its own, and read again when it was written
    or replaced; as long as it cannot be read, does not answer, or is a pipe, the words before stay.
    """

    def __init__(
        self,
        settings: HotwordSettings,
        *,
        patience_s: float = _PATIENCE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read them.

        Args:
            settings: of the run.
            patience_s: how long :attr:`words` waits for a look that it began.
            monotonic: clock in seconds.

        Raises:
            SettingsError: a word or the list is malformed, or the list cannot be read.
        """
        self._own = tuple(_parsed(word) for word in settings.words)
        self._path = named(settings.file) if settings.file else None
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._looking: threading.Thread | None = None
        """The look that has begun last, at :attr:`_looking_since`; one at a time, whoever asks."""
        self._looking_since = 0.0
        self._stamp: _Stamp | None = _ABSENT if self._path is None else _stamp_of(self._path)
        """None: it could not be read then, and may be without being changed."""
        self._words = (*self._own, *(read_hotwords(self._path) if self._path is not None else ()))
        self._complaint = ""

    @property
    def words(self) -> tuple[Hotword, ...]:
        """The hotwords; the same object as long as nothing changed."""
        if self._path is not None:
            with self._lock:
                is_due = self._looking is None or not self._looking.is_alive()
                if is_due:
                    # A daemon: what hangs with a disk must not keep the program from its end.
                    self._looking = looking = threading.Thread(
                        target=self._look, args=(self._path,), name="streamer-hotword-list", daemon=True
                    )
                    self._looking_since = self._monotonic()
                    looking.start()
            if is_due:
                looking.join(self._patience_s)
        with self._lock:
            return self._words

    def words_from(self, start_sample: int) -> tuple[Hotword, ...]:  # noqa: ARG002 - the present ones, wherever sound is
        """Those of now."""
        return self.words

    @property
    def may_change(self) -> bool:
        """Whether a list belongs to them."""
        return self._path is not None

    @property
    def complaint(self) -> str:
        """Why the list as it is now is not in use; empty where it is."""
        with self._lock:
            is_looking = self._looking is not None and self._looking.is_alive()
            if is_looking and self._monotonic() - self._looking_since >= _SILENT_S:
                return f"hotwords {self._path}: its disk does not answer; the hotwords before stay in use"
            return self._complaint

    def _look(self, path: Path) -> None:
        """Read the list where it is another than before."""
        found = _stamp_of(path)
        if found == self._stamp or {found, self._stamp} == {_ABSENT, _NO_FILE}:  # a pipe goes when it has been read
            return
        is_kept_from_us = False
        try:
            words, complaint = (*self._own, *_read(path, found)), ""
        except SettingsError as error:
            words, complaint = self._words, f"{error}; the hotwords before stay in use"
            is_kept_from_us = isinstance(error.__cause__, OSError)
        with self._lock:
            self._stamp, self._words, self._complaint = None if is_kept_from_us else found, words, complaint


class HotwordHistory:
    """Hotwords of a meeting in the past: those it began with, then those that it was given, each from its position."""

    complaint = ""
    may_change = False

    def __init__(self, settings: HotwordSettings, changes: Sequence[HotwordsChanged]) -> None:
        """``settings``: as kept with the meeting. ``changes``: in order of position.

        Raises:
            SettingsError: a word is malformed.
        """
        periods = [(0, settings.words), *((each.at_sample, each.words) for each in changes)]
        self._periods = [(at, tuple(_parsed(word, parse_kept_hotword) for word in words)) for at, words in periods]

    def words_from(self, start_sample: int) -> tuple[Hotword, ...]:
        """Those that were favoured in an utterance that begins there."""
        return next(words for at, words in reversed(self._periods) if at <= start_sample or not at)


def as_settings(words: Iterable[Hotword]) -> tuple[str, ...]:
    """Hotwords as the settings write them."""
    return tuple(f"{one.text} {one.weight!r}" for one in words)


def _read(path: Path, stamp: _Stamp) -> list[Hotword]:
    """As :func:`read_hotwords`, of a list that was found so."""
    if stamp == _NO_FILE:
        raise SettingsError(f"cannot read hotwords {path}: it is no file any more")
    return read_hotwords(path)


def _stamp_of(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return _ABSENT
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return _NO_FILE
    return found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(word: str, parse: Callable[[str], Hotword] = parse_hotword) -> Hotword:
    if not word.strip():
        raise SettingsError("hotwords.words holds an empty word; expected a name or term, as 张伟 or 张伟 2.5")
    try:
        return parse(word)
    except ValueError as error:
        raise SettingsError(f"hotwords.words: {error}") from error
