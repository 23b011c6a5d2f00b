from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.audio.decoders.decoder_notes import DecoderNotes
from streamer.audio.files import SoundFile

NOTE = b"[src/libmpg123/layer3.c:INT123_do_layer3():1774] error: part2_3_length (672) too large\n"


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """An MP3 at 16 kHz with a hole in it."""
    rng = np.random.default_rng(3)
    path = tmp_path / "damaged.mp3"
    soundfile.write(path, rng.uniform(-0.3, 0.3, 48_000), 16_000, format="MP3")
    sound = bytearray(path.read_bytes())
    middle = len(sound) // 2
    sound[middle : middle + 600] = rng.bytes(600)
    path.write_bytes(sound)
    return path


def test_a_damaged_mp3_writes_nothing_on_standard_error_and_is_remarked_upon(damaged, capfd):
    with SoundFile(damaged) as file:
        list(file.pcm())

        assert capfd.readouterr().err == ""
        assert any("bytes in it are damaged; they were skipped" in remark for remark in file.remarks)


def test_without_keeping_them_off_there_are_notes(damaged):
    """Otherwise the test above would show nothing."""
    code = "import soundfile, sys; soundfile.read(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, damaged], capture_output=True, check=False)

    assert b"libmpg123" in done.stderr or b"Note: " in done.stderr


def test_what_others_write_meanwhile_arrives(capfd):
    notes = DecoderNotes()
    with notes.taken():
        os.write(2, b"\x1b[2K 50 %" + b"\n" + NOTE)
        thread = threading.Thread(target=lambda: os.write(2, b"a real error\n"))
        thread.start()
        thread.join()
        os.write(2, b"Note: Skipped 492 bytes in input.\nthe end")

    assert capfd.readouterr().err == "\x1b[2K 50 %\na real error\nthe end"
    assert notes.skipped_bytes == 492


def test_what_is_written_before_an_exception_arrives(capfd):
    with pytest.raises(KeyError), DecoderNotes().taken():  # noqa: PT012 - both are what is tested
        os.write(2, b"why\n")
        raise KeyError

    assert capfd.readouterr().err == "why\n"
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_a_process_without_standard_error_decodes_too(damaged):
    code = (
        "import os, sys; os.close(2)\n"
        "from pathlib import Path; from streamer.audio.files import SoundFile\n"
        "with SoundFile(Path(sys.argv[1])) as file: print(sum(map(len, file.pcm())) > 10_000)"
    )
    done = subprocess.run([sys.executable, "-c", code, damaged], capture_output=True, text=True, check=True)

    assert done.stdout == "True\n"
