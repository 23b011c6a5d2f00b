"""A file on standard input, poured into a pipe by a thread: the event loop cannot watch it, and its disk may hang."""

from __future__ import annotations

import os
import threading

_READ_BYTES = 65_536


class PouredFile:
    """What a descriptor of a file gives, as the end of a pipe that never keeps its reader waiting."""

    def __init__(self, descriptor: int) -> None:
        """Begin to pour. ``descriptor``: whoever opened it closes it.

        Raises:
            OSError: the system has no descriptors left.
        """
        self._descriptor = os.dup(descriptor)
        end, self._entrance = os.pipe()
        os.set_blocking(end, False)
        self.end = end
        """Non-blocking; it ends where the file does."""
        self.failure: OSError | None = None
        """Why the file could not be read to its end, once :attr:`end` has ended."""
        threading.Thread(target=self._pour, name="streamer-stdin", daemon=True).start()

    def close(self) -> None:
        """Pour no more; a thread that hangs at a dead disk is left behind."""
        os.close(self.end)

    def _pour(self) -> None:
        try:
            while piece := os.read(self._descriptor, _READ_BYTES):
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(self._entrance, rest) :]
        except BrokenPipeError:  # nobody wants more
            pass
        except OSError as error:
            self.failure = error
        finally:
            os.close(self._entrance)
            os.close(self._descriptor)
