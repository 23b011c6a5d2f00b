"""What libmpg123 says on standard error while libsndfile decodes an MP3."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_STANDARD_ERROR = 2
_NOTES = re.compile(rb"^\n*(?:\[src/libmpg123/|Note: |Warning: )[^\n]*\n", re.MULTILINE)
_SKIPPED = re.compile(rb"Skipped (\d+) bytes in input")
_TAKEN = threading.Lock()
"""Descriptor 2 belongs to the process, so one thread at a time may put something else in its place."""

logger = logging.getLogger(__name__)


class DecoderNotes:
    """Keeps libmpg123's notes off the terminal: it writes them to descriptor 2, about sound files too.

    While the decoder runs, descriptor 2 is a file. Whatever else arrives there meanwhile, of other threads or
    libraries, is passed on right afterwards, byte for byte.
    """

    def __init__(self) -> None:
        self.skipped_bytes = 0
        """What was no MP3 and was passed over; the other notes are harmless, and sound files give them."""

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Around a call into the decoder."""
        with _TAKEN, ExitStack() as held:
            try:
                file = held.enter_context(tempfile.TemporaryFile(buffering=0))
                before = os.dup(_STANDARD_ERROR)
            except OSError:  # nobody listens to descriptor 2, or there is no room for a file: nothing to protect
                yield
                return
            held.callback(os.close, before)
            os.dup2(file.fileno(), _STANDARD_ERROR)
            try:
                yield
            finally:
                os.dup2(before, _STANDARD_ERROR)
                if size := os.fstat(file.fileno()).st_size:
                    self._sort(os.pread(file.fileno(), size, 0), before)

    def _sort(self, written: bytes, standard_error: int) -> None:
        for note in _NOTES.findall(written):
            logger.debug("libmpg123: %s", note.decode("utf-8", "replace").strip())
            self.skipped_bytes += sum(int(count) for count in _SKIPPED.findall(note))
        others = _NOTES.sub(b"", written)
        while others:
            others = others[os.write(standard_error, others) :]
