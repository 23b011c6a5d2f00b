"""A recogniser that keeps its hotwords up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from streamer.asr.hotword_list import Hotword, is_spelled_only
from streamer.asr.hotword_watch import HotwordSource, as_settings
from streamer.errors import PackError
from streamer.interfaces import Recognizer, recognize_all
from streamer.types import HotwordsChanged, Hypothesis, Notice, Severity, Utterance

NOTICE_KEY: Final = "recognizer.hotwords"
"""Key of the notices about hotwords."""
_MOST_NAMED: Final = 5


class Favouring(Recognizer, Protocol):
    """A recogniser that can favour words."""

    def set_hotwords(self, hotwords: Sequence[Hotword]) -> list[str]:
        """Favour these from now on; those that cannot be favoured are returned.

        Raises:
            PackError: the pack does not say how words are pronounced.
        """

    def readies(self, hotwords: Sequence[Hotword]) -> bool:
        """Whether :meth:`set_hotwords` takes these at once; where not, they are made ready meanwhile."""


class HotwordRecognizer:
    """Hands hotwords to a recogniser before the first snapshot of an utterance; implements ``Recognizer``.

    All snapshots of an utterance are decoded with the same words, so that its final favours what its partials did.
    """

    def __init__(
        self, recognizer: Favouring, source: HotwordSource, notify: Callable[[Notice | HotwordsChanged], object]
    ) -> None:
        """Prepare.

        Args:
            recognizer: decodes.
            source: knows the words.
            notify: told what is wrong with them, and of those that may have changed since the meeting began; called in
                the thread that recognises, before the utterance is decoded.
        """
        self._recognizer = recognizer
        self._source = source
        self._notify = notify
        self._words: tuple[Hotword, ...] = ()
        # The newest utterance's words, and those before: one that waits longer than the next one keeps its own.
        self._since = 0
        self._newest: tuple[Hotword, ...] | None = None
        self._older: tuple[Hotword, ...] = ()
        self._unusable = ""
        self._told = ""
        self._utterance_id: int | None = None

    def prepare(self) -> None:
        """Favour the words of the beginning, and tell what is wrong with them, before there is anything to decode."""
        self._adopt(self._words_from(0))

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot.

        Raises:
            RecognizerError: the snapshot cannot be decoded.
        """
        if utterance.id != self._utterance_id:
            self._utterance_id = utterance.id
            self._adopt(self._words_from(utterance.start_sample))
        return self._recognizer.recognize(utterance)

    def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
        """As :meth:`recognize` of utterances that have ended; those with the same words at once.

        Raises:
            RecognizerError: one of them cannot be decoded.
        """
        found: list[Hypothesis] = []
        alike: list[Utterance] = []
        for utterance in utterances:
            words = self._words_from(utterance.start_sample)
            if words is not self._words:
                found += recognize_all(self._recognizer, alike)
                alike = []
            self._utterance_id = utterance.id
            self._adopt(words)
            alike.append(utterance)
        return found + recognize_all(self._recognizer, alike)

    def _adopt(self, words: tuple[Hotword, ...]) -> None:
        if words is not self._words:
            self._words = words
            self._unusable = self._favour(words)
        text = self._source.complaint or self._unusable
        if text != self._told:
            self._told = text
            self._notify(Notice(NOTICE_KEY, Severity.WARNING if text else Severity.INFO, text))

    def _words_from(self, start_sample: int) -> tuple[Hotword, ...]:
        """The words for an utterance; those of its time, if it is looked at again after the next one."""
        if not self._source.may_change:
            return self._source.words_from(start_sample)
        if self._newest is not None and start_sample < self._since:
            return self._older
        words = self._source.words_from(start_sample)
        if self._newest is not None and words is not self._newest and not self._recognizer.readies(words):
            return self._newest  # captions do not wait for a long list
        if words is not self._newest:
            self._older = words if self._newest is None else self._newest
            self._newest, self._since = words, start_sample
            self._notify(HotwordsChanged(start_sample, as_settings(words)))
        return words

    def _favour(self, words: Sequence[Hotword]) -> str:
        """Favour them; what a person should know of it."""
        try:
            unusable = self._recognizer.set_hotwords(words)
        except PackError as error:
            return f"hotwords are not favoured: {error}"
        refused = set(unusable)
        spelled = [each.text for each in words if is_spelled_only(each.text) and each.text not in refused]
        told = []
        if unusable:
            told.append(
                f"these hotwords cannot be favoured, they have one syllable or no known reading: {_some(unusable)}"
            )
        if spelled:
            told.append(
                "these hotwords are favoured only where their letters are spelled one by one, not as a word that is "
                f"read (capitals say that they are meant so): {_some(spelled)}"
            )
        return "; ".join(told)


def _some(words: Sequence[str]) -> str:
    """The first few, and how many more; the same in every language."""
    more = f" … (+{len(words) - _MOST_NAMED})" if len(words) > _MOST_NAMED else ""
    return f"{', '.join(words[:_MOST_NAMED])}{more}"
