"""The stitcher: hypotheses in, segments out.

One segment for every utterance, with the utterance's id, so that the ids of finals do not depend on which partials
were shown; an utterance in which nothing was heard leaves a hole in the ids. A segment whose end reason is ``forced``
continues in the next one.

Where two utterances overlap, the left one's segment ends where the shared sound begins. The tokens it heard after that
are held: they open the next segment at once, and are joined with what the next utterance makes of the same sound. So
no final waits for the next utterance, and finals depend on finals only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from streamer.interfaces import TextFinisher
from streamer.settings.captions import CaptionSettings
from streamer.stitcher.alignment import Span, middle
from streamer.stitcher.finisher import PlainFinisher
from streamer.stitcher.preview import Preview, advance, reveal
from streamer.stitcher.seam import join
from streamer.types import EndReason, Hypothesis, Segment, Token, Utterance

_CONTEXT_TOKENS = 4
"""Final tokens before a seam that are shown to the alignment, as partners for the next utterance's first tokens."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the utterance before heard of the sound it shares with the next one."""

    tokens: tuple[Token, ...] = ()
    """Final context first, then what is held."""
    context: int = 0
    """How many of the tokens are final already."""
    shared: Span | None = None
    """The shared sound; None where the utterances do not overlap."""


@dataclass(slots=True)
class _Open:
    """The segment that may still change."""

    id: int
    start_sample: int
    end_sample: int
    heard_revision: int = -1
    revision: int = -1
    """-1 until something was shown."""
    preview: Preview = field(default_factory=Preview)
    pack: str | None = None
    """Which pack's hypotheses the preview is made of; None before the first."""


class Stitcher:
    """Turns hypotheses, in the order of their utterances, into segments. Pure: no clock, no thread."""

    def __init__(
        self,
        position_to_time: Callable[[int], datetime],
        settings: CaptionSettings | None = None,
        finisher: TextFinisher | None = None,
        *,
        before: str = "",
    ) -> None:
        """Begin a meeting.

        Args:
            position_to_time: wall-clock time of a position in the recording (``MeetingClock.at``).
            settings: when text counts as stable.
            finisher: gives text its written form; by default the characters in a row.
            before: written text of the last segment that has any, for a meeting that goes on.
        """
        self._time = position_to_time
        self._settings = settings or CaptionSettings()
        self._finisher = finisher or PlainFinisher()
        self._open: _Open | None = None
        self._held = _Held()
        self._last_final = 0
        self._before = before

    def push(self, utterance: Utterance, hypothesis: Hypothesis) -> tuple[Segment, ...]:
        """Take what was heard in an utterance (its samples are not needed); the segments that changed, in order.

        An utterance that has an end reason and a hypothesis that is not final: a pause was decoded ahead, and will
        probably be the end.

        Nothing changes for hypotheses that come late: older than one already seen, or after their utterance's final.
        Every utterance that ended needs a final hypothesis, with no tokens where it could not be decoded.

        Raises:
            ValueError: the utterance before has had no final yet, or utterance and hypothesis do not belong together.
        """
        if hypothesis.utterance_id != utterance.id:
            raise ValueError(f"hypothesis of utterance {hypothesis.utterance_id} given for utterance {utterance.id}")
        if utterance.id <= self._last_final:
            return ()
        segment = self._segment_of(utterance)
        if hypothesis.revision < segment.heard_revision:
            return ()
        segment.heard_revision = hypothesis.revision
        tokens = self._joined(hypothesis.tokens)
        return (
            self._final(segment, utterance, tokens)
            if hypothesis.is_final
            else self._partial(segment, utterance, replace(hypothesis, tokens=tokens))
        )

    def finish(self) -> tuple[Segment, ...]:
        """Make the open segment final as it is shown: its utterance will have no final hypothesis."""
        if self._open is None:
            return ()
        segment, self._open, self._held = self._open, None, _Held()
        self._last_final = segment.id
        return self._finalised(segment, segment.preview.shown, EndReason.STOP)

    def _segment_of(self, utterance: Utterance) -> _Open:
        if self._open is None:
            self._open = _Open(utterance.id, utterance.start_sample, utterance.end_sample)
        if self._open.id != utterance.id:
            raise ValueError(f"utterance {utterance.id} came before the final of utterance {self._open.id}")
        return self._open

    def _joined(self, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
        held = self._held
        if held.shared is None:
            return tokens
        return join(held.tokens, tokens, held.shared, fixed=held.context)[held.context :]

    def _partial(self, segment: _Open, utterance: Utterance, hypothesis: Hypothesis) -> tuple[Segment, ...]:
        if segment.revision < 0 and not hypothesis.is_convincing:
            return ()
        before = segment.preview
        # Another pack reads the same sound in its own way: nothing of the one before counts, stable or not.
        known = before if segment.pack in {None, hypothesis.pack} else Preview()
        advanced = advance if utterance.end_reason is None else reveal
        now = advanced(known, hypothesis.tokens, utterance.end_sample, self._settings)
        segment.preview, segment.pack, segment.end_sample = now, hypothesis.pack, utterance.end_sample
        changed = _texts(now.shown) != _texts(before.shown) or now.stable != before.stable
        return (self._shown(segment),) if changed else ()

    def _shown(self, segment: _Open) -> Segment:
        segment.revision += 1
        shown = segment.preview.shown
        return Segment(
            id=segment.id,
            revision=segment.revision,
            start_sample=segment.start_sample,
            end_sample=segment.end_sample,
            started_at=self._time(segment.start_sample),
            text=self._finisher.provisional(shown, self._before),
            spoken="".join(_texts(shown)),
            stable_length=len("".join(_texts(shown[: segment.preview.stable]))),
            tokens=shown,
        )

    def _final(self, segment: _Open, utterance: Utterance, tokens: tuple[Token, ...]) -> tuple[Segment, ...]:
        seam = utterance.end_sample - utterance.overlap_after_samples
        own = tokens
        self._open, self._held = None, _Held()
        if utterance.overlap_after_samples:
            count = sum(1 for token in tokens if middle(token) < seam)
            own = tokens[:count]
            context = own[-_CONTEXT_TOKENS:]
            self._held = _Held((*context, *tokens[count:]), len(context), Span(seam, utterance.end_sample))
        segment.end_sample = seam
        self._last_final = segment.id
        return (*self._finalised(segment, own, utterance.end_reason), *self._open_held(utterance))

    def _open_held(self, utterance: Utterance) -> tuple[Segment, ...]:
        """Open the next segment with what is held, so that nothing disappears from the captions."""
        held = self._held.tokens[self._held.context :]
        if self._held.shared is None:
            return ()
        shared = self._held.shared
        self._open = _Open(utterance.id + 1, shared.start, shared.end, preview=Preview(shown=held))
        return (self._shown(self._open),) if held else ()

    def _finalised(
        self, segment: _Open, tokens: tuple[Token, ...], end_reason: EndReason | None
    ) -> tuple[Segment, ...]:
        if not tokens and segment.revision < 0:
            return ()
        may_end = end_reason is not EndReason.FORCED
        text = self._finisher.final(tokens, self._before, sentence_may_end=may_end)
        spoken = "".join(_texts(tokens))
        self._before = text or self._before
        return (
            Segment(
                id=segment.id,
                revision=segment.revision + 1,
                start_sample=segment.start_sample,
                end_sample=segment.end_sample,
                started_at=self._time(segment.start_sample),
                text=text,
                spoken=spoken,
                stable_length=len(spoken),
                tokens=tokens,
                is_final=True,
                end_reason=end_reason,
            ),
        )


def _texts(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]
