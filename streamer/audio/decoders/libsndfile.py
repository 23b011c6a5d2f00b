"""Sound files decoded by libsndfile: WAV, FLAC, Ogg, Opus, MP3, AIFF and two dozen more."""

from __future__ import annotations

import os
import re
from contextlib import nullcontext

import soundfile

from streamer.audio.decoders.decoder_notes import DecoderNotes
from streamer.audio.decoders.ogg import is_chained, is_whole
from streamer.audio.decoders.promises import bytes_beyond, has_overflown, is_never_finished, promised_samples
from streamer.audio.decoders.sound_reader import Samples
from streamer.errors import AudioFileError
from streamer.system.system_packages import needed

_BLOCK_VALUES = 64_000
"""Values decoded at a time over all channels, at most: 256 kB of floats; 200 whole frames at 16 kHz."""
_PLAIN_FORMATS = frozenset({"WAV", "WAVEX", "RF64", "W64", "AIFF", "AU"})
"""Where samples of 16 bits lie as they are: the file may end too early, but nothing in it can be damaged."""

_MP3_LENGTH = re.compile(rb"(?:Xing|Info)\0\0\0[\x01\x03\x05\x07\x09\x0b\x0d\x0f]", re.DOTALL)
"""In the first frame of an MP3: flags of which the lowest says that the number of frames follows."""
_MP3_FRAME_BYTES = 3000
"""Longer than any frame."""


class DamageError(AudioFileError):
    """A file is damaged in the middle; more sound may lie behind that."""

    def __init__(self, reason: str, *, taken: int, rate: int) -> None:
        super().__init__(f"damaged after {taken / rate:.1f} s: {reason}")
        self.taken = taken
        """Samples of each channel before."""


class LibsndfileReader:
    """A sound file that libsndfile reads.

    Takes a file descriptor, and closes it. No file name reaches libsndfile, where ``-`` and ``.raw`` are special.

    Raises:
        AudioFileError: the format is unknown, the header is damaged, was never finished or counts too little, or
            another decoder would read more of it: of an MP3 that does not say how long it is, libsndfile reads as much
            as its first frames let it expect, of such a FLAC not the last frames, of Ogg streams in a row the first.
    """

    def __init__(self, descriptor: int, *, is_alone: bool = True) -> None:
        """``is_alone``: whether no other decoder is there, so that less than all is better than nothing."""
        self._notes = DecoderNotes()
        self._descriptor, self._size = descriptor, os.fstat(descriptor).st_size
        self._tells_length = _mp3_tells_length(descriptor)
        try:
            with self._notes.taken():
                self._file = soundfile.SoundFile(descriptor, closefd=True)
        except soundfile.LibsndfileError as error:
            raise AudioFileError(error.error_string.rstrip(".")) from error
        if not self._file.frames and is_never_finished(descriptor):
            self._file.close()
            raise AudioFileError("its header was never finished, and says that no sound follows")
        if has_overflown(descriptor):
            self._file.close()
            raise AudioFileError("a WAV's header counts to 4 GiB, and the file is longer")
        self._taken = 0
        self._is_over = False
        """Whether an MP3 gave less than was asked for: behind damage, libsndfile goes on at another place."""
        self._is_mp3 = self._file.format in {"MP3", "MPEG"}
        self._guesses_length = self._is_mp3 and not self._tells_length
        if (doubt := self._doubt()) and not is_alone:
            self._file.close()
            raise AudioFileError(doubt)
        self._is_16_bit = self._file.subtype == "PCM_16"
        # A quarter of a second, so that little is lost before the place where a file is damaged.
        longest = _BLOCK_VALUES if self._is_16_bit and self._file.format in _PLAIN_FORMATS else self.rate // 4
        self._block = max(1, min(_BLOCK_VALUES // self.channels, longest))

    @property
    def rate(self) -> int:
        """Samples a second."""
        return int(self._file.samplerate)

    @property
    def channels(self) -> int:
        """Channels."""
        return int(self._file.channels)

    @property
    def length(self) -> int | None:
        """Samples of each channel by the header; None where a stream was never finished."""
        length = int(self._file.frames)
        return length if 0 <= length < 2**62 else None

    @property
    def remarks(self) -> tuple[str, ...]:
        """That an MP3 holds what is no MP3, a WAV more than it counts, and that more lies behind a FLAC."""
        if self._notes.skipped_bytes:
            return (f"{self._notes.skipped_bytes} bytes in it are damaged; they were skipped",)
        if self._file.format == "FLAC" and self._is_over and (left := self._unread_bytes()):
            return (f"more than {left} bytes lie behind its end; they were not read",)
        beyond = bytes_beyond(self._descriptor)
        if beyond * int(self._file.frames) <= self.rate * (self._size - beyond):  # less than a second: tags, padding
            return ()
        advice = "if they are sound, `ffmpeg -ignore_length 1 -i OLD.wav NEW.wav` makes a whole file"
        return (f"{beyond} bytes lie behind the sound that its header counts; {advice}",)

    def read(self) -> Samples:
        """The next piece: (samples, channels), int16 where the file holds that, else float32.

        Raises:
            AudioFileError: the file is damaged here, or ends before its header says so.
        """
        dtype = "int16" if self._is_16_bit else "float32"
        try:
            with self._notes.taken() if self._is_mp3 else nullcontext():
                wanted = 0 if self._is_over else self._block
                block: Samples = self._file.read(wanted, dtype=dtype, always_2d=True)
        except soundfile.SoundFileError as error:
            reason = str(error).removeprefix("Error : ").rstrip(".")
            if self._file.format == "FLAC" and self.length is None:
                told = f"its end is missing, after {self._taken / self.rate:.1f} s: it does not say how long it is"
                raise AudioFileError(f"{told}; install {needed('ffmpeg')}, which reads all of it") from error
            raise DamageError(reason, taken=self._taken, rate=self.rate) from error
        self._taken += len(block)
        if self._is_mp3:
            self._is_over = len(block) < self._block
        if not len(block):
            self._is_over = True
            promised = self._promised_length()
            if promised is not None and self._taken < promised - (self.rate if self._is_mp3 else 0):
                if self._is_mp3 and self._unread_bytes():
                    raise DamageError("no frame can be decoded there", taken=self._taken, rate=self.rate)
                raise AudioFileError(self._shortness(promised))
            if self._guesses_length and (unread := self._unread_bytes()):
                raise AudioFileError(
                    f"{unread} bytes are left after {self._taken / self.rate:.1f} s: it does not say how long it is, "
                    f"and its bitrate varies; install {needed('ffmpeg')}, which reads all of it"
                )
            if self._file.format == "OGG" and self._unread_bytes():
                raise DamageError("another Ogg stream follows, which ffmpeg reads", taken=self._taken, rate=self.rate)
        return block

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _doubt(self) -> str:
        """Why libsndfile may not give all of it; empty where nothing says so."""
        if self._guesses_length:
            return "an MP3 that does not say how long it is"
        if self._file.format == "FLAC" and self.length is None:
            return "a FLAC that does not say how long it is"
        return "several Ogg streams in a row" if is_chained(self._descriptor) else ""

    def _promised_length(self) -> int | None:
        """Samples of each channel by the header; None where an MP3's is estimated from its first frame."""
        if self._guesses_length:
            return None
        notes = self._file.extra_info
        promised = promised_samples(self._file.format, self._file.subtype, self.channels, notes, self._taken)
        return max(promised, self.length or 0)

    def _unread_bytes(self) -> int:
        """What libsndfile has left of the file, if a second of sound or more may be in it: a tag or padding is not."""
        read = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        left = self._size - read
        return left if left * self._taken > self.rate * read else 0

    def _shortness(self, promised: int) -> str:
        there, expected = self._taken / self.rate, promised / self.rate
        if self._file.format == "OGG" and is_whole(self._descriptor):
            return f"sound is missing in it: it lasts {expected:.1f} s, {there:.1f} s are there; later times are early"
        return f"cut short: its header promises {expected:.1f} s, {there:.1f} s are there"


def _mp3_tells_length(descriptor: int) -> bool:
    """Whether the first frame of an MP3 holds its length; a tag with title and picture may lie before it."""
    head = os.pread(descriptor, 10, 0)
    start = 0
    if len(head) == 10 and head.startswith(b"ID3"):  # the tag's header; its size has 7 bits a byte
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    return _MP3_LENGTH.search(os.pread(descriptor, _MP3_FRAME_BYTES, start)) is not None
