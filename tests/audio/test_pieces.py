from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from streamer.audio.compression import compress
from streamer.audio.pieces import (
    Piece,
    missing_of,
    missing_samples,
    missing_seconds,
    piece_path,
    pieces_of,
    read_sound,
    recorded_runs,
    recorded_spans,
)
from streamer.audio.recording import Recording
from streamer.errors import StoreError
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun
from tests.audio.recorded import options, record
from tests.meeting.material import frame, sound

PIECE = 5 * SAMPLE_RATE
LENGTH = 17 * SAMPLE_RATE


def test_frames_come_back_with_their_positions(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 300)
    recording.close()

    runs = recorded_runs(pieces_of(tmp_path), 240 * FRAME_SAMPLES, 300 * FRAME_SAMPLES)
    assert [one for run in runs for one in run.frames] == [frame(number) for number in range(240, 300)]


def test_a_piece_cut_in_mid_sample_gives_its_whole_samples(tmp_path):
    (tmp_path / "000000000000.pcm").write_bytes(sound(0, 1000)[:1001])

    (piece,) = pieces_of(tmp_path)
    assert (piece.start_sample, piece.end_sample) == (0, 500)
    (last,) = recorded_runs([piece], 320, 500)
    assert last == FrameRun(sound(320, 500) + bytes(280), 320)


def test_a_piece_that_was_compressed_since_it_was_listed_is_read(tmp_path):
    """By another program, which looks at a meeting that runs."""
    recording = Recording(tmp_path, options(compress=False))
    record(recording, 0, 300)
    recording.close()
    pieces = pieces_of(tmp_path)
    compress(pieces[0])

    assert read_sound(pieces, 79_000, 81_000) == sound(79_000, 81_000)
    for piece in pieces_of(tmp_path):
        piece.remove()
    with pytest.raises(StoreError, match="cannot read the recording"):
        pieces[0].read(0, 10)


@pytest.mark.parametrize("moment", [(1, "before"), (1, "after"), (2, "before"), (2, "after")])
def test_a_piece_that_is_compressed_while_it_is_looked_for_is_found(tmp_path, monkeypatch, moment):
    recording = Recording(tmp_path, options(compress=False))
    record(recording, 0, 300)
    recording.close()
    (first, _), glob, lists = pieces_of(tmp_path), Path.glob, []

    def glob_while_another_compresses(folder: Path, pattern: str) -> list[Path]:
        lists.append(pattern)
        if moment == (len(lists), "before"):
            compress(first)
        names = list(glob(folder, pattern))
        if moment == (len(lists), "after"):
            compress(first)
        return names

    monkeypatch.setattr(Path, "glob", glob_while_another_compresses)
    found = pieces_of(tmp_path)
    monkeypatch.undo()

    assert recorded_spans(found) == ((0, 96_000),)
    assert read_sound(found, 0, 96_000) == sound(0, 96_000)


def test_a_folder_that_may_not_be_read_is_no_empty_one(tmp_path):
    folder = tmp_path / "audio"
    folder.symlink_to(folder)  # which root may not read either

    with pytest.raises(StoreError, match=r"cannot read the recording .*audio: Too many levels of symbolic links$"):
        pieces_of(folder)


def test_a_compressed_piece_that_may_not_be_read_is_not_called_damaged(tmp_path):
    piece = tmp_path / "000000000000.flac"
    piece.symlink_to(piece)

    with pytest.raises(StoreError, match=r"cannot read the recording .*\.flac: Too many levels of symbolic links$"):
        pieces_of(tmp_path)


def test_who_may_not_read_a_recording_is_told_who_may(tmp_path, monkeypatch):
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(StoreError, match=r"Permission denied; read it as the user who recorded it$"):
        pieces_of(tmp_path)


@pytest.mark.parametrize("span", [(0, 80_000), (79_999, 80_001), (80_000, 96_000), (90_000, 90_001), (96_000, 96_000)])
def test_sound_is_read_from_the_pieces_that_hold_it(tmp_path, span):
    recording = Recording(tmp_path, options(compress=False))
    record(recording, 0, 300)
    recording.close()

    assert read_sound(pieces_of(tmp_path), *span) == sound(*span)


def test_pieces_that_follow_each_other_or_overlap_are_one_stretch(tmp_path):
    spans = ((0, 100), (200, 300), (300, 400), (350, 380), (401, 600))

    assert recorded_spans(Piece(first, end, tmp_path, ".pcm") for first, end in spans) == (
        (0, 100),
        (200, 400),
        (401, 600),
    )


def test_missing_samples_are_those_that_no_piece_holds(tmp_path):
    pieces = [Piece(100, 200, tmp_path, ".pcm"), Piece(150, 300, tmp_path, ".pcm"), Piece(500, 600, tmp_path, ".pcm")]

    assert [missing_samples(pieces, *span) for span in ((0, 700), (100, 300), (250, 550), (0, 0))] == [400, 0, 200, 0]
    assert missing_samples([], 10, 30) == 20


def test_a_damaged_flac_names_its_file(tmp_path):
    (tmp_path / "000000000000.flac").write_bytes(b"fLaC" + bytes(100))

    with pytest.raises(StoreError, match=r"000000000000\.flac is damaged"):
        pieces_of(tmp_path)


def test_raw_wins_where_both_forms_exist(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 50)
    recording.close()
    (tmp_path / "000000000000.pcm").write_bytes(sound(0, 16_000))

    assert [piece.suffix for piece in pieces_of(tmp_path)] == [".pcm"]


@pytest.mark.parametrize(
    "name", ["1.pcm", "notes.pcm", "notes.flac", "-00000000001.pcm", "００００００００００００.pcm"]
)
def test_files_with_other_names_are_no_pieces(tmp_path, name):
    (tmp_path / name).write_bytes(sound(0, 320))
    (tmp_path / "000000000320.pcm").write_bytes(sound(320, 640))

    assert recorded_spans(pieces_of(tmp_path)) == ((320, 640),)


def test_a_piece_without_sound_is_none(tmp_path):
    (tmp_path / "000000000000.pcm").touch()

    assert pieces_of(tmp_path) == ()


@pytest.mark.parametrize("compressed", [False, True])
def test_a_piece_that_became_shorter_since_it_was_listed_is_damaged(tmp_path, compressed):
    path = tmp_path / "000000016000.pcm"
    path.write_bytes(sound(16_000, 32_000))
    (piece,) = pieces_of(tmp_path)
    if compressed:
        piece = compress(piece)
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / path.name).write_bytes(sound(16_000, 24_000))
        (shorter,) = pieces_of(tmp_path / "other")
        Path(compress(shorter).path).replace(piece.path)
    else:
        path.write_bytes(sound(16_000, 24_000))

    with pytest.raises(StoreError, match=r"is damaged: 15000 samples expected from position 17000, 7000 found"):
        piece.read(17_000, 32_000)


@pytest.mark.parametrize(("samples", "seconds"), [(16_000, 0.0), (15_200, 0.1), (14_400, 0.1), (8000, 0.5)])
def test_what_no_piece_holds_is_told_in_tenths_of_seconds(tmp_path, samples, seconds):
    assert missing_seconds([Piece(0, samples, tmp_path, ".pcm")], 0, 16_000) == seconds


@pytest.fixture
def recorded(tmp_path):
    """Three pieces and a half, as a meeting leaves them."""
    recording = Recording(tmp_path, options())
    record(recording, 0, LENGTH // FRAME_SAMPLES)
    recording.close()
    assert len(list(tmp_path.iterdir())) == 4
    return tmp_path


@pytest.mark.parametrize("beyond", [0, 799])
def test_of_a_whole_recording_two_pieces_are_opened(recorded, monkeypatch, beyond):
    opened = []
    monkeypatch.setattr(soundfile, "info", lambda path, info=soundfile.info: opened.append(path) or info(path))

    assert missing_of(recorded, LENGTH + beyond) == 0.0
    assert len(opened) == 2


@pytest.mark.parametrize("gone", [(0,), (1,), (2,), (3,), (0, 1), (1, 2), (0, 2), (1, 3), (0, 1, 2, 3)])
def test_what_is_missing_of_a_recording_is_told(recorded, gone):
    for number in gone:
        Path(piece_path(recorded, number * PIECE, ".flac")).unlink()

    missing = sum(LENGTH - 3 * PIECE if number == 3 else PIECE for number in gone)
    assert missing_of(recorded, LENGTH) == round(missing / SAMPLE_RATE, 1) > 0


def test_a_recording_that_ends_early_or_was_cut_at_its_beginning_is_not_whole(recorded):
    assert missing_of(recorded, LENGTH + SAMPLE_RATE) == 1.0

    Path(piece_path(recorded, 0, ".flac")).unlink()
    Path(piece_path(recorded, 0)).write_bytes(sound(0, PIECE - SAMPLE_RATE))
    assert missing_of(recorded, LENGTH) == 1.0


def test_of_a_folder_that_is_gone_everything_is_missing(tmp_path):
    assert missing_of(tmp_path / "gone", SAMPLE_RATE) == 1.0
    assert missing_of(tmp_path / "gone", 0) == 0.0
