import numpy as np
import pytest

from benchmarks.played import PAUSE_SECONDS, Playlist
from benchmarks.speech_span import SpeechSpan, speech_span


def sound(*stretches: tuple[int, int]) -> np.ndarray:
    """Stretches of (amplitude, frames) of a tone of 1000 Hz, 20 periods a frame."""
    period = np.sin(2 * np.pi * np.arange(16) / 16)
    return np.concatenate(
        [np.tile(np.round(level * period).astype(np.int16), 20 * frames) for level, frames in stretches]
    )


def test_speech_begins_and_ends_with_runs_of_loud_frames() -> None:
    assert speech_span(sound((10, 10), (3000, 20), (10, 5))) == SpeechSpan(10 * 320, 30 * 320)


def test_a_pause_inside_belongs_to_it() -> None:
    assert speech_span(sound((10, 2), (3000, 5), (10, 40), (2000, 5), (10, 2))) == SpeechSpan(2 * 320, 52 * 320)


def test_two_loud_frames_are_a_click() -> None:
    assert speech_span(sound((10, 2), (3000, 2), (10, 10), (3000, 3), (10, 4))) == SpeechSpan(14 * 320, 17 * 320)


def test_frames_25_db_below_the_loudest_still_count() -> None:
    assert speech_span(sound((10, 2), (200, 3), (3000, 3), (10, 4))) == SpeechSpan(2 * 320, 8 * 320)
    assert speech_span(sound((10, 2), (160, 3), (3000, 3), (10, 4))) == SpeechSpan(5 * 320, 8 * 320)


def test_a_thump_below_the_voices_is_no_speech() -> None:
    thump = np.round(3000 * np.sin(2 * np.pi * np.arange(6400) / 640)).astype(np.int16)

    assert speech_span(np.concatenate([thump, sound((10, 5), (1000, 10), (10, 5))])).start == 25 * 320


@pytest.mark.parametrize("samples", [np.zeros(3200, np.int16), np.zeros(0, np.int16), sound((3000, 2))])
def test_silence_has_no_speech(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no speech"):
        speech_span(samples)


def test_a_playlist_knows_where_its_passages_are() -> None:
    pause = round(PAUSE_SECONDS * 16_000)
    playlist = Playlist([("a", sound((10, 2), (3000, 5), (10, 2))), ("b", sound((3000, 4))[:-100])])
    first, second = playlist.passages

    assert (first.start, first.end) == (pause, pause + 9 * 320)
    assert (first.speech_start, first.speech_end) == (pause + 2 * 320, pause + 7 * 320)
    assert (second.start, second.end) == (first.end + pause, first.end + pause + 4 * 320)
    assert len(playlist.samples) == second.end + pause
