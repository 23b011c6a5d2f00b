"""A process's hold on one NPU."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.releases import Releases
from streamer.errors import AscendError
from streamer.settings.ascend import AscendSettings

logger = logging.getLogger(__name__)


class AscendRuntime:
    """pyACL initialised, one device, one explicit context, one stream; shared by all models of the process.

    Who opens it holds it; every model holds it too. The last one to let go releases everything, in reverse order.
    """

    def __init__(self, acl: Acl, settings: AscendSettings) -> None:
        """Take the device; this may take seconds.

        Raises:
            AscendError: a step failed; those before it were undone.
        """
        self.acl = acl
        self.settings = settings
        self._releases = Releases()
        self._holders = 1
        device_id = settings.device_id
        try:
            is_owner = acl.init()
            self._releases.add(lambda: acl.finalize(is_owner=is_owner))
            acl.set_device(device_id)
            self._releases.add(lambda: acl.reset_device(device_id))
            self.on_board = acl.runs_on_board()
            """Whether host memory is device memory."""
            self._context = acl.create_context(device_id)
            self._releases.add(lambda: acl.destroy_context(self._context))
            self.stream = acl.create_stream()
            """The stream that every model runs on."""
            self._releases.add(lambda: acl.destroy_stream(self.stream))
        except AscendError as failure:
            self._releases.undo(failure)
            raise

    def bind(self) -> None:
        """Make the context current in this thread: every use of the device begins with it.

        Raises:
            AscendError: the context is lost.
        """
        self.acl.set_context(self._context)

    def synchronize(self) -> None:
        """Wait until the stream is empty.

        Raises:
            AscendError: a run failed, or took longer than the settings allow.
        """
        self.acl.synchronize(self.stream, self.settings.timeout_ms)

    def retain(self) -> None:
        """Hold the runtime once more."""
        if not self._holders:
            raise AscendError("the Ascend runtime of this process is released; open another one")
        self._holders += 1

    def release(self) -> tuple[AscendError, ...]:
        """Let go once; the last holder releases the device. What failed while doing so."""
        if not self._holders:
            return ()
        self._holders -= 1
        if self._holders:
            return ()
        self._releases.add(self.bind)
        failures = self._releases.run()
        for failure in failures:
            logger.warning("releasing the Ascend device: %s", failure)
        return tuple(failures)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
