"""The segmenter: frames in, utterances out.

A frame is *voiced* when the detector hears speech in it and it is loud enough. An utterance starts when enough of the
newest frames are voiced (``start_…``), ``preroll_ms`` before the first of them but never before the end of the one
before. It goes on while voiced frames come in company (``keep_…``). The detector hears speech for up to half a second
after its end; in that *tail* (``tail_…``) frames much softer than the utterance are not voiced. If they still are
after it, they are soft speech, and the utterance that they start begins with the first of them, unless a pause as long
as the start rule's window lies between. What an utterance ends with is fixed by its last such frame: ``pause_ms`` of
what follows. So the snapshot taken when the pause is reached already is the whole utterance, should the end silence
pass: decoding it then is decoding the final.

Everything depends on the samples only, never on when or how often snapshots are taken.
"""

from __future__ import annotations

from streamer.interfaces import SpeechDetector
from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, EndReason, Frame, FrameRun, Utterance
from streamer.vad.cut import FRAME_MS, find_cut
from streamer.vad.events import SegmenterEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
from streamer.vad.floor import NoiseFloor
from streamer.vad.heard import FRAME_BYTES, LOUD, SILENT, SOFT, TAIL, Heard, OpenUtterance, Tail, keeps_going
from streamer.vad.levels import voice_levels
from streamer.vad.patience import frames_to_event, plain_kinds
from streamer.vad.unheard import Unheard

_FADING = range(3, 11)
"""Silent frames in a row with which an utterance fades. Two close the mouth for a consonant; more are a pause, whatever
``pause_ms`` says."""


class Segmenter:
    """Cuts a stream of frames into utterances. Synchronous and pure: no clock, no thread."""

    def __init__(self, detector: SpeechDetector, settings: SegmenterSettings) -> None:
        self._detector = detector
        self._settings = settings
        self._next_id = 1
        self._heard = Heard()
        self._idle = 0
        """Frames since the newest that is speech or a tail, no utterance being open: mostly nothing is to be done."""
        self._position: int | None = None
        """Where the frames judged so far end."""
        self._unjudged = bytearray()
        self._patience = 1
        """Frames of which only the last can bring an event about: they are judged together, which costs less."""
        self._open: OpenUtterance | None = None
        self._tail = Tail()
        self._floor = NoiseFloor(settings.floor_ms // FRAME_MS)

    @property
    def is_speech(self) -> bool:
        """Whether an utterance is open."""
        return self._open is not None

    @property
    def patience(self) -> int:
        """Frames, 1 or more, of which only the last can bring an event about, whatever they hold."""
        return self._patience - len(self._unjudged) // FRAME_BYTES

    def push(self, sound: Frame | FrameRun) -> tuple[SegmenterEvent, ...]:
        """Hear one or more frames; what they brought about, in order. It makes no difference how many come at once.

        Raises:
            ValueError: they are no whole frames of 640 bytes, or do not follow the one before.
        """
        self._check(sound)
        if self._position is None:
            self._position = sound.start_sample
        self._unjudged += sound.pcm
        return () if len(self._unjudged) < self._patience * FRAME_BYTES else self._judge()

    def flush(self, reason: EndReason = EndReason.STOP) -> tuple[SegmenterEvent, ...]:
        """End the open utterance, if there is one: the sound stops here."""
        self._judge()
        return () if self._open is None else (self._close(self._open, reason),)

    def snapshot(self) -> Utterance | None:
        """The utterance that grows, as far as it goes; None between utterances.

        Its revision is that of the snapshot before where no sound was added to it.
        """
        if self._open is None:
            return None
        self._judge()
        return self._snapshot(self._open)

    def is_fading(self) -> bool:
        """Whether the newest frames of the open utterance are silent: a pause may be coming, or the next syllable."""
        if self._open is None:
            return False
        self._judge()
        return len(self._heard) - self._open.active_end in _FADING

    def restart(self, detector: SpeechDetector) -> None:
        """Forget what was heard and go on with a new detector: at a gap or after a pause. Flush first.

        Raises:
            RuntimeError: an utterance is still open.
        """
        if self._open is not None:
            raise RuntimeError(f"utterance {self._open.id} is open: flush the segmenter before restarting it")
        self._detector = detector
        self._heard.forget(len(self._heard))
        self._unjudged.clear()
        self._patience = 1
        self._tail = Tail()
        self._floor = NoiseFloor(self._settings.floor_ms // FRAME_MS)
        self._position = None

    def _check(self, sound: Frame | FrameRun) -> None:
        if not sound.pcm or len(sound.pcm) % FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, got {len(sound.pcm)}: pad the last one")
        if self._position is None:
            return
        expected = self._position + len(self._unjudged) // FRAME_BYTES * FRAME_SAMPLES
        if sound.start_sample != expected:
            raise ValueError(f"expected the frame at sample {expected}, got {sound.start_sample}: restart at a gap")

    def _judge(self) -> tuple[SegmenterEvent, ...]:
        """Decide about the frames that wait. Where they are fewer than the patience there are no events."""
        pcm, keep, is_speech = bytes(self._unjudged), self._settings.keep_level_dbfs, self._detector.is_speech
        self._unjudged.clear()
        self._heard.pcm += pcm
        levels = voice_levels(pcm)
        places = range(0, len(pcm), FRAME_BYTES)
        # The detector hears every frame, for it adapts.
        speech = bytes(
            [is_speech(pcm[at : at + FRAME_BYTES]) and level >= keep for at, level in zip(places, levels, strict=True)]
        )
        waiting = Unheard(levels, self._floor.hear(levels), speech)
        events: list[SegmenterEvent] = []
        while waiting:
            self._hear(waiting, self._plain(waiting) or self._next(waiting))
            events += self._listen() if self._open is None else self._follow(self._open)
        self._patience = self._frames_to_event()
        return tuple(events)

    def _hear(self, waiting: Unheard, kinds: bytes) -> None:
        waiting.move(self._heard, kinds)
        self._position = (self._position or 0) + len(kinds) * FRAME_SAMPLES

    def _next(self, waiting: Unheard) -> bytes:
        """The kind of the next frame."""
        level, is_speech = waiting.next
        if not is_speech:
            return bytes([SILENT])
        if self._tail.holds(self._position or 0, level):
            return bytes([TAIL])
        return bytes([LOUD if level >= self._settings.start_level_dbfs else SOFT])

    def _plain(self, waiting: Unheard) -> bytes:
        # A method, as the next one, for tests to hear every frame by itself.
        return plain_kinds(waiting, self._heard, self._open, self._tail.below, self._settings)

    def _frames_to_event(self) -> int:
        return frames_to_event(self._heard, self._open, self._settings)

    def _sample(self, frame_index: int) -> int:
        """Position of a frame in ``_heard``."""
        position = self._position or 0
        return position - (len(self._heard) - frame_index) * FRAME_SAMPLES

    def _listen(self) -> tuple[SegmenterEvent, ...]:
        heard, window = self._heard, self._settings.start_window_frames
        preroll = self._settings.preroll_ms // FRAME_MS
        self._idle = 0 if heard.kinds[-1] in {TAIL, LOUD} else self._idle + 1
        if self._idle >= window:
            heard.forget(len(heard) - preroll - window)
            return ()
        if heard.kinds.count(LOUD, -window) < self._settings.start_voiced_frames:
            # The tail of what was said before may turn out to be soft speech from its beginning on.
            if heard.kinds.find(TAIL, -window) < 0:
                heard.forget(len(heard) - preroll - window)
            return ()
        heard.forget(heard.first_tail(heard.kinds.index(LOUD, -window), window) - preroll)
        return (self._start(overlap_samples=0),)

    def _start(self, overlap_samples: int) -> SpeechStarted:
        """Open an utterance that begins with the first frame held and whose newest frame is speech."""
        self._open = OpenUtterance(id=self._next_id, active_end=len(self._heard), overlap_samples=overlap_samples)
        self._next_id += 1
        return SpeechStarted(self._sample(0))

    def _follow(self, utterance: OpenUtterance) -> tuple[SegmenterEvent, ...]:
        utterance.measure(self._heard)
        if keeps_going(self._heard, utterance.softest(self._settings), self._settings):
            return self._go_on(utterance)
        silence_ms = (len(self._heard) - utterance.active_end) * FRAME_MS
        if silence_ms < self._settings.pause_ms:
            return ()
        events: list[SegmenterEvent] = []
        if not utterance.paused:
            utterance.paused = True
            events.append(SpeechPaused(self._snapshot(utterance)))
        if silence_ms >= utterance.end_silence_ms(self._settings):
            events.append(self._close(utterance, EndReason.SILENCE))
        return tuple(events)

    def _go_on(self, utterance: OpenUtterance) -> tuple[SegmenterEvent, ...]:
        events: list[SegmenterEvent] = []
        if utterance.paused:
            utterance.paused = False
            events.append(SpeechResumed(self._sample(len(self._heard) - 1)))
        utterance.active_end = len(self._heard)
        tail_end = (self._position or 0) + self._settings.tail_ms * SAMPLE_RATE // 1000
        self._tail.follow(self._heard.levels[-1], utterance.speech_level - self._settings.tail_drop_db, tail_end)
        while len(self._heard) > self._settings.max_utterance_ms // FRAME_MS:
            events += self._cut(self._open or utterance)
        return tuple(events)

    def _cut(self, utterance: OpenUtterance) -> tuple[SegmenterEvent, ...]:
        """End an utterance that is too long and open the next one, which already holds the newest frame."""
        cut = find_cut(self._heard.levels, [kind >= SOFT for kind in self._heard.kinds], self._settings)
        overlap = cut.overlap * FRAME_SAMPLES
        ended = self._utterance(utterance, cut.left_end, EndReason.FORCED, overlap_after=overlap)
        self._heard.forget(cut.right_start)
        return UtteranceEnded(ended), self._start(overlap_samples=overlap)

    def _close(self, utterance: OpenUtterance, reason: EndReason) -> UtteranceEnded:
        frames = utterance.span(len(self._heard), self._settings)
        ended = self._utterance(utterance, frames, reason)
        self._heard.forget(frames)
        self._open = None
        self._idle = 0
        return UtteranceEnded(ended)

    def _snapshot(self, utterance: OpenUtterance) -> Utterance:
        return self._utterance(utterance, utterance.span(len(self._heard), self._settings), None)

    def _utterance(
        self, utterance: OpenUtterance, frames: int, reason: EndReason | None, *, overlap_after: int = 0
    ) -> Utterance:
        if frames != utterance.snapshot_frames:
            utterance.snapshot_frames = frames
            utterance.snapshot_pcm = bytes(memoryview(self._heard.pcm)[: frames * FRAME_BYTES])
            utterance.revision += 1
        return Utterance(
            id=utterance.id,
            revision=utterance.revision,
            start_sample=self._sample(0),
            end_sample=self._sample(frames),
            pcm=utterance.snapshot_pcm,
            end_reason=reason,
            overlap_samples=utterance.overlap_samples,
            overlap_after_samples=overlap_after,
        )
