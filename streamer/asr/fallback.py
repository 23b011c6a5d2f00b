"""Another pack for the time in which the NPU is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from streamer.errors import NOTICED, AscendError, PackError, StreamerError
from streamer.interfaces import Recognizer
from streamer.types import Hypothesis, Notice, Severity, Utterance

logger = logging.getLogger(__name__)

NOTICE_KEY = "recognizer.fallback"
"""Key of the notices about outages."""
_LONGEST_OUTAGE_SECONDS = 3600.0
_REMEMBERED_UTTERANCES = 16


class Outage:
    """When the NPU may be tried again; shared by the recognisers of all rooms, so that only one of them tries."""

    def __init__(self, return_after_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without an outage.

        Args:
            return_after_s: seconds until the first try; doubles while tries fail, up to an hour.
            clock: seconds that only grow.
        """
        self._return_after_s = return_after_s
        self._clock = clock
        self._wait_s = return_after_s
        self._next_try_at: float | None = None
        self.reason = ""
        """What the latest failure said."""
        self.count = 0
        """Outages so far."""
        self.bridged = 0
        """Utterances whose final came from another pack so far."""

    @property
    def is_on(self) -> bool:
        """Whether the NPU failed and has not worked since."""
        return self._next_try_at is not None

    @property
    def allows_try(self) -> bool:
        """Whether the NPU may be used now."""
        return self._next_try_at is None or self._clock() >= self._next_try_at

    def begin(self, reason: str) -> None:
        """The NPU failed."""
        self.reason = reason
        self.count += 0 if self.is_on else 1
        self._next_try_at = self._clock() + self._wait_s
        self._wait_s = min(2 * self._wait_s, _LONGEST_OUTAGE_SECONDS)

    def end(self) -> None:
        """The NPU worked."""
        self._next_try_at = None
        self._wait_s = self._return_after_s


class FallbackRecognizer:
    """Decodes on the NPU, and with another pack while it is away; implements :class:`~streamer.interfaces.Recognizer`.

    An utterance that met a failure stays with the fallback pack up to its final, also when the NPU is back before:
    its hypothesis says which pack made it, and no hypothesis is made of two.
    """

    def __init__(
        self,
        open_primary: Callable[[], Recognizer],
        fallback: Recognizer,
        outage: Outage,
        notify: Callable[[Notice], object],
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            open_primary: opens the recogniser on the NPU; called again where it failed with an AscendError.
            fallback: the recogniser with the other pack.
            outage: shared by all rooms on the same NPU.
            notify: shows a person that the pack changed.
        """
        self._open_primary = open_primary
        self._fallback = fallback
        self._outage = outage
        self._notify = notify
        self._primary: Recognizer | None = None
        self._fallen: set[int] = set()
        self._is_told = False

    def warm_up(self) -> None:
        """Open the NPU now rather than with the first utterance, and fall back at once where it fails or is away.

        Raises:
            PackError: the pack does not follow the contract.
            MissingDependencyError: pyACL cannot be imported.
        """
        if not self._outage.allows_try:
            self._tell()
            return
        try:
            self._primary = self._primary or self._open_primary()
        except AscendError as error:
            self._fail(error)

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot.

        Raises:
            RecognizerError: neither pack can decode it.
        """
        if utterance.id not in self._fallen and self._outage.allows_try:
            try:
                self._primary = self._primary or self._open_primary()
                hypothesis = self._primary.recognize(utterance)
            except (AscendError, PackError) as error:
                self._fail(error)
            else:
                self._recover()
                return hypothesis
        self._fallen = {each for each in self._fallen if each > utterance.id - _REMEMBERED_UTTERANCES} | {utterance.id}
        hypothesis = self._fallback.recognize(utterance)
        self._outage.bridged += utterance.end_reason is not None
        return hypothesis

    def _fail(self, error: StreamerError) -> None:
        self._outage.begin(str(error))
        self._tell()

    def _tell(self) -> None:
        logger.error("captions come from the fallback pack: %s", self._outage.reason, extra=NOTICED)
        self._is_told = True
        text = f"Ascend: the NPU is away, captions come from the fallback pack ({self._outage.reason})"
        self._notify(Notice(NOTICE_KEY, Severity.WARNING, text))

    def _recover(self) -> None:
        self._outage.end()
        if self._is_told:
            self._is_told = False
            logger.info("the Ascend device works again")
            self._notify(Notice(NOTICE_KEY, Severity.INFO, ""))
