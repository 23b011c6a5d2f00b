"""Sound files decoded by an ffmpeg process: M4A, MP4, WebM, WMA and whatever else libsndfile does not read."""

from __future__ import annotations

import os
import re
import selectors
import struct
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from streamer.errors import AudioFileError

_FORMATS = (
    "3g2,3gp,aa,aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,gsm,iff,loas,m4a,matroska,mj2,mlp,mov,mp3,"
    "mp4,mpc,mpc8,mpeg,mpegts,mxf,nut,ogg,oma,qcp,rm,shn,tak,truehd,tta,voc,w64,wav,webm,wtv,wv,xwma"
)
"""Containers of sound. Playlists and scripts (hls, concat, dash) are left out: they make ffmpeg open other files."""
_SILENT_SECONDS = 60.0
"""An ffmpeg that says nothing for so long hangs."""
_NO_TRACK = "matches no streams"
"""What ffmpeg says where the file has pictures only; in its last line it advises to change an option of ours."""
_NO_INDEX = "moov atom not found"
"""What ffmpeg says of an MP4 or M4A whose end is missing: its index is written last."""
_CUT_SHORT = {"partial file": "its index promises more", "File ended prematurely": "its last part is not whole"}
"""What ffmpeg says, and ends well, of an MP4 or M4A whose index comes first, and of Matroska; and what that means."""
_HARMLESS = "non monotonically increasing dts to muxer"
"""What ffmpeg says where one stream follows another: Sun AU has no times."""
_SPEAKER = re.compile(r"^(?:\[[^]]* @ 0x[0-9a-f]+\]\s*|(?:Error opening input(?: file)?:? )?file:.*: (?=[A-Z][^:]*$))")
"""Which part of ffmpeg says something, and the file's name, which whoever tells it says himself."""
_TIMELINE = (
    "asetpts='st(1,if(between(PTS-ld(0),0,3600/TB),PTS,ld(0)));st(0,ld(1)+NB_SAMPLES/SR/TB);ld(1)',"
    "aresample=async=1:min_hard_comp=0.3:first_pts=0"
)
"""Silence where a track has no sound: before it begins, later than its pictures, and where nothing was sent, as of who
had muted himself in a call in the net. Times that go back, or an hour and more forward, are none."""
_TRACK = re.compile(rb"^ *Stream #0:\d+[^\n]*: Audio: ", re.MULTILINE)
"""What ffmpeg says of each track of sound."""
_LENGTH = re.compile(rb"^ *Duration: (\d{2,4}):(\d\d):(\d\d\.\d+),", re.MULTILINE)
_HEADER_BYTES = 24
_READ_BYTES = 65_536


class FfmpegReader:
    """A sound file that ffmpeg decodes; its rate and channels are kept, so that mixing and resampling stay ours.

    The process writes Sun AU, whose header is six integers, and ends when it is closed.

    Raises:
        AudioFileError: ffmpeg finds no sound in the file, or cannot be started.
    """

    def __init__(
        self,
        path: Path,
        program: str,
        skip: int = 0,
        *,
        ignore_length: bool = False,
        note: Callable[[subprocess.Popen[bytes]], None] = lambda _process: None,
    ) -> None:
        """Start the program.

        Args:
            path: the file.
            program: ffmpeg's path.
            skip: samples of each channel to leave out at the beginning.
            ignore_length: whether a WAV is read to its end, whatever its header says.
            note: told the process once it has started: whoever kills it ends the sound here.
        """
        self._errors: deque[str] = deque(maxlen=5)
        self._begun_line = b""
        self._sound = b""
        self._ended = False
        try:
            self._process = _started(path, program, skip, ignore_length=ignore_length)
        except OSError as error:
            raise AudioFileError(f"it cannot be started: {error.strerror or error}") from error
        note(self._process)
        self._streams = selectors.DefaultSelector()
        for stream in self._pipes:
            self._streams.register(stream, selectors.EVENT_READ)
        try:
            self._rate, self._channels = self._read_header()
        except AudioFileError:
            self.close()
            raise
        # A WAV has one track; beyond 4 GiB, ffmpeg would take its sound for chunks, and read all of it to count.
        described = b"" if skip or ignore_length else _described(path, program)
        self._tracks = len(_TRACK.findall(described))
        self._length = _length_in(described, self._rate)
        self._taken = 0

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self._rate

    @property
    def channels(self) -> int:
        """Channels."""
        return self._channels

    @property
    def length(self) -> int | None:
        """As ffmpeg tells it, to a hundredth of a second; where the format does not, it judges by the bit rate."""
        return self._length

    @property
    def remarks(self) -> tuple[str, ...]:
        """What ffmpeg complained about while it went on, and that there is more sound than was heard."""
        told = tuple(self._errors) if self._ended else ()
        if self._tracks <= 1:
            return told
        advice = "`ffmpeg -i FILE -map 0:a:1 OTHER.wav` takes out the second"
        return (*told, f"tracks of sound in it: {self._tracks}; only the first was heard ({advice})")

    def read(self) -> npt.NDArray[np.float32]:
        """The next piece: (samples, channels) float32.

        Raises:
            AudioFileError: ffmpeg gave up, or found that the file is cut short.
        """
        sample_bytes = 4 * self._channels
        while len(self._sound) < sample_bytes and not self._ended:
            self._receive()
        whole = len(self._sound) - len(self._sound) % sample_bytes
        piece, self._sound = self._sound[:whole], self._sound[whole:]
        if not piece and self._process.wait() != 0:
            raise AudioFileError(f"damaged after {self._taken / self._rate:.1f} s: {self._complaint()}")
        for told, meaning in _CUT_SHORT.items() if not piece else ():
            if any(told in line for line in self._errors):
                raise AudioFileError(f"cut short after {self._taken / self._rate:.1f} s: {meaning}")
        block = np.frombuffer(piece, dtype=">f4").astype(np.float32).reshape(-1, self._channels)
        self._taken += len(block)
        return block

    def close(self) -> None:
        """End the process and release its pipes."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._streams.close()
        for stream in self._pipes:
            stream.close()

    @property
    def _pipes(self) -> tuple[IO[bytes], ...]:
        return tuple(stream for stream in (self._process.stdout, self._process.stderr) if stream is not None)

    def _read_header(self) -> tuple[int, int]:
        while len(self._sound) < _HEADER_BYTES and not self._ended:
            self._receive()
        if len(self._sound) < _HEADER_BYTES:
            raise AudioFileError(self._complaint())
        magic, offset, _, _, rate, channels = struct.unpack(">4s5I", self._sound[:_HEADER_BYTES])
        if magic != b".snd" or not rate or not channels:
            raise AudioFileError(f"ffmpeg wrote an unexpected header {self._sound[:_HEADER_BYTES].hex()}")
        while len(self._sound) < offset and not self._ended:
            self._receive()
        self._sound = self._sound[offset:]
        return rate, channels

    def _receive(self) -> None:
        """Wait for what ffmpeg writes next, sound or complaint."""
        ready = self._streams.select(_SILENT_SECONDS)
        if not ready:
            raise AudioFileError(f"ffmpeg gave no sound for {_SILENT_SECONDS:.0f} s")
        for key, _ in ready:
            written = os.read(key.fd, _READ_BYTES)
            if not written:
                self._streams.unregister(key.fileobj)
            elif key.fileobj is self._process.stdout:
                self._sound += written
            else:
                self._note(written)
        self._ended = not self._streams.get_map()
        if self._ended:
            self._note(b"\n")

    def _note(self, written: bytes) -> None:
        *lines, self._begun_line = (self._begun_line + written).split(b"\n")
        for line in lines:
            text = _SPEAKER.sub("", line.decode("utf-8", "replace").strip())
            if text and _HARMLESS not in text:
                self._errors.append(text)

    def _complaint(self) -> str:
        if any(_NO_TRACK in line for line in self._errors):
            return "it has no track of sound"
        if any(_NO_INDEX in line for line in self._errors):
            return f"{_NO_INDEX}: the end of the file is missing, and with it the index that it cannot be read without"
        return self._errors[-1] if self._errors else "ffmpeg found no sound in it"


def _started(path: Path, program: str, skip: int, *, ignore_length: bool) -> subprocess.Popen[bytes]:
    """As of :class:`FfmpegReader`.

    Raises:
        OSError: the system does not start it.
    """
    return subprocess.Popen(  # noqa: S603 - a fixed program with a list of arguments
        [
            *(program, "-nostdin", "-hide_banner", "-loglevel", "error"),
            # Where it may seek, ffmpeg looks for more chunks behind the length that is not the true one.
            *(("-ignore_length", "1", "-seekable", "0") if ignore_length else ()),
            *_input(path),
            *("-filter:a", f"atrim=start_sample={skip}" if skip else _TIMELINE),
            *("-map", "0:a:0", "-vn", "-sn", "-dn", "-codec:a", "pcm_f32be", "-f", "au", "pipe:1"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _input(path: Path) -> tuple[str, ...]:
    # An absolute name behind `file:` is never taken for an option or for another protocol.
    return ("-protocol_whitelist", "file", "-format_whitelist", _FORMATS, "-i", f"file:{path.absolute()}")


def _described(path: Path, program: str) -> bytes:
    """What ffmpeg says of a file: its length, and its tracks, as screen recorders keep a microphone apart."""
    command = [program, "-nostdin", "-hide_banner", *_input(path)]
    try:
        # It fails, for it is to write nothing.
        asked = subprocess.run(  # noqa: S603 - as above
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SILENT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return asked.stderr


def _length_in(described: bytes, rate: int) -> int | None:
    """Samples of each channel; None where ffmpeg knows no length, or one of more than a year, as of a damaged file."""
    told = _LENGTH.search(described)
    if told is None:
        return None
    hours, minutes, seconds = told.groups()
    return round(rate * (3600 * int(hours) + 60 * int(minutes) + float(seconds)))
