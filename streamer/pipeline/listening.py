"""The stage that listens: sound into the recording, then into the segmenter, with the meeting's controls in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from streamer.clock import SteadyClock
from streamer.errors import AudioError
from streamer.pipeline.forgotten import SilenceLimit
from streamer.pipeline.listener_parts import ListenerParts
from streamer.pipeline.pauses import Pauses
from streamer.pipeline.warnings import Warnings
from streamer.settings.pipeline import PipelineSettings
from streamer.sinks.sound_reasons import broken_off
from streamer.types import (
    ENDED_BY_SILENCE,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Frame,
    FrameRun,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    Severity,
    StatusUpdated,
    TitleChanged,
)

_FRAME_MS = 1000 * FRAME_SAMPLES // SAMPLE_RATE


class Listener:
    """Hears one source to its end; a :class:`~streamer.interfaces.MeetingControl` whose requests act between frames."""

    def __init__(self, parts: ListenerParts, settings: PipelineSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._position = 0
        self._steady = SteadyClock(parts.clock)
        self._pauses = Pauses()
        self._unheard = 0
        """Samples since the last status, paused ones too."""
        self._silence = SilenceLimit(settings.stop_after_silence_min, self._end_forgotten)
        self._warnings = Warnings(settings, parts.messages, parts.post, is_microphone=parts.is_microphone)
        self._failure: AudioError | None = None
        self._left = 0
        """Samples of the source behind those heard last, where its length is known."""
        self._is_awaited = True
        """Until there was any sound, or the meeting was stopped without."""
        self._expected = 1
        """Frames that were asked for when sound came last …"""
        self._heard_at = 0.0
        """… by the event loop's clock."""

    @property
    def position(self) -> int:
        """Samples recorded so far."""
        return self._position

    @property
    def sounded(self) -> int:
        """How far sound has got by now: with what has come but waits to be heard together with what follows it."""
        frames = round(1000 * (asyncio.get_running_loop().time() - self._heard_at)) // _FRAME_MS
        return self._position + max(0, min(frames, self._expected - 1)) * FRAME_SAMPLES

    @property
    def failure(self) -> AudioError | None:
        """Why the sound broke off, or that none came."""
        return self._failure

    def now(self) -> datetime:
        """The wall-clock time, not before that of the newest sound: a file may be heard faster than it sounded."""
        return self._steady.now(self._parts.meeting_clock.until(self._position))

    def _moment(self) -> datetime:
        """Now; of a source that waits in pauses, and so knows none, when the sound heard last had sounded."""
        return self._parts.meeting_clock.until(self._position) if self._parts.waits else self.now()

    def ended_at(self, *, is_dated_back: bool) -> datetime:
        """When the meeting ended: now, or with its last sound where that was dated back by the sound's length."""
        is_known = is_dated_back and not self.is_paused
        return self._parts.meeting_clock.until(self._position) if is_known else self._moment()

    async def listen(self) -> None:
        """Hear the source until it ends, breaks off, or is closed; then end the open utterance."""
        try:
            async for item in self._parts.source.frames(self._at_once):
                await self._hear(item)
            if self._is_awaited:
                name = self._parts.source.name
                raise AudioError(f"no sound came from {name} before it ended: look at what should give it")  # noqa: TRY301
        except AudioError as error:
            self._failure = error
            # Not logged: whoever holds the meeting says at its end why it failed.
            self._parts.post(broken_off(error, self._parts.messages))
        finally:
            self._silence.stop()
        self._flush()
        self._parts.desk.close()

    @property
    def is_paused(self) -> bool:
        """Whether nothing is recorded because somebody asked for that."""
        return self._pauses.is_on

    def pause(self) -> None:
        """Stop recording and recognising until :meth:`resume`; the open utterance is finalised."""
        if self.is_paused:
            return
        self._silence.pause()
        self._flush()
        at = self._moment()
        self._pauses.begin(at)
        self._post(MeetingPaused(self._position, at))

    def resume(self) -> None:
        """Record and recognise again, with a detector that knows nothing of what was before."""
        if not self.is_paused:
            return
        self._parts.segmenter.restart(self._parts.new_detector())
        self._silence.resume()
        at = self._moment()
        self._pauses.end(at)
        self._post(MeetingResumed(self._position, at))

    def mark(self, note: str = "") -> None:
        """Mark this moment."""
        at = self._moment() if self.is_paused or self._silence.is_away else self._parts.meeting_clock.at(self._position)
        self._post(MarkAdded(self._position, at, note))

    def lose_sound(self) -> None:
        """The device is away: what was said before is final, and what was wrong with its level is over, or unknown."""
        self._warnings.lose_sound()
        self._silence.lose_sound()
        if self._parts.is_microphone:  # then a gap follows; what comes late through a pipe goes on where it stopped
            self._flush()

    def set_title(self, title: str) -> None:
        """Rename the meeting."""
        self._post(TitleChanged(title))

    def stop(self) -> None:
        """End the meeting: what was said is finalised and everything drained."""
        self._is_awaited = False
        self._parts.source.close()
        self._pauses.give_up()

    def _at_once(self) -> int:
        """Frames of which only the last can bring anything about: an event, a partial, a status."""
        until_status = self._settings.status_ms * SAMPLE_RATE // 1000 - self._unheard
        counts = [-(-until_status // FRAME_SAMPLES)]
        if not self.is_paused:
            counts.append(self._parts.segmenter.patience)
            if (until_due := self._parts.desk.until_due(self._position)) is not None:
                counts.append(-(-until_due // FRAME_SAMPLES))
        self._expected = max(1, min(counts))
        return self._expected

    async def _hear(self, item: Frame | FrameRun | Gap) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        self._silence.find_sound()
        if isinstance(item, Gap):
            self._note_gap(item)
            return
        if self._parts.waits:
            await self._pauses.over()
        self._is_awaited = False
        self._left = self._parts.length - item.start_sample - len(item.pcm) // 2
        if self.is_paused:
            self._report(item.pcm, speech=False)
        else:
            # The same position unless the source has lost sound or the meeting was paused.
            self._record(item if item.start_sample == self._position else replace(item, start_sample=self._position))
            # Only between frames, so that a pause never comes between a frame's recording and its recognition.
            await self._parts.storage.has_room()
            await self._parts.desk.has_room()

    def _record(self, sound: Frame | FrameRun) -> None:
        parts = self._parts
        parts.storage.append(sound)
        self._pauses.forget()
        self._position += len(sound.pcm) // 2
        for event in parts.segmenter.push(sound):
            parts.desk.notice(event, keep_sound=parts.storage.failure is not None)
        parts.desk.grow(self._position)
        self._report(sound.pcm, speech=parts.segmenter.is_speech)
        self._silence.hear(self._position, is_speech=parts.segmenter.is_speech)

    def _note_gap(self, gap: Gap) -> None:
        """Nothing is known of what was said meanwhile: no utterance goes across, and no detector's state."""
        self._flush()
        if not self.is_paused:
            self._parts.segmenter.restart(self._parts.new_detector())
        heard_until = self._parts.meeting_clock.until(self._position)
        gap = gap.after(heard_until, self.now(), self._steady.behind, stays_ahead=not self._parts.is_microphone)
        for missing in self._pauses.outside(gap):
            self._post(GapFound(replace(missing, at_sample=self._position)))

    def _flush(self) -> None:
        for event in self._parts.segmenter.flush():
            self._parts.desk.notice(event, keep_sound=self._parts.storage.failure is not None)

    def _post(self, event: MeetingEvent) -> None:
        self._parts.meeting_clock.follow(event)
        self._parts.post(event)

    def _report(self, pcm: bytes, *, speech: bool) -> None:
        """Tell level, lag and troubles a few times a second of sound."""
        self._warnings.hear(pcm, is_speech=speech)
        self._unheard += len(pcm) // 2
        if self._unheard * 1000 < self._settings.status_ms * SAMPLE_RATE:
            return
        self._unheard = 0
        self._parts.post(
            StatusUpdated(
                position=self._position,
                level_dbfs=self._warnings.take_peak(),
                lag_seconds=self._parts.desk.lag_samples(self._position) / SAMPLE_RATE,
                is_speech=speech,
                partials_shed=self._parts.desk.shed,
                until=self._position + max(0, self._left) if self._parts.length else 0,
            )
        )
        self._warnings.tell(self._parts.storage.failure, is_paused=self.is_paused)

    def _end_forgotten(self) -> None:
        text = self._parts.messages.silence_stop.format(minutes=f"{self._settings.stop_after_silence_min:g}")
        self._warnings.warn(ENDED_BY_SILENCE, Severity.WARNING, text)
        self.stop()
