"""Files that `streamer transcribe` cannot read, or in which it finds nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.errors import SinkError
from tests.commands.transcribing import run, speak
from tests.disks import locked
from tests.sounds import noise, tone, write


@pytest.mark.usefixtures("opened")
def test_a_folder_goes_on_after_bad_files_and_lists_them(tmp_path: Path) -> None:
    speak(tmp_path / "a.wav", 1)
    (tmp_path / "b.wav").touch()
    (tmp_path / "c.wav").write_bytes(b"no sound at all")
    speak(tmp_path / "d.wav", 1)

    outcome = run(tmp_path, "--out", tmp_path / "out", "--format", "txt")

    assert outcome.exit_code == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.txt", "d.txt"]
    told, _, listed = outcome.stderr.partition("2 of 4 files failed:\n")
    empty, unreadable = listed.splitlines()
    assert empty == f"  {tmp_path / 'b.wav'}: the file is empty (0 bytes)"
    assert unreadable.startswith(f"  {tmp_path / 'c.wav'}: ")
    assert f"streamer:{unreadable[1:]}\n" in told
    assert told.count(f"{tmp_path / 'b.wav'}: the file is empty (0 bytes)\n") == 1
    assert "files: 2, 4 s of sound, " in told


@pytest.mark.usefixtures("opened")
def test_a_file_whose_model_fails_is_listed_and_the_next_is_read(tmp_path: Path) -> None:
    recording = speak(tmp_path / "a.wav", 3)
    recording.write_bytes(recording.read_bytes()[: 44 + 96_000])
    speak(tmp_path / "b.wav", 1)

    outcome = run(tmp_path / "a.wav", tmp_path / "b.wav")

    assert outcome.exit_code == 3
    assert "scripted failure of utterance 1" in outcome.stderr
    assert "== b.wav ==\n[0:00:00.0] 一丁丂七丄\n" in outcome.stdout


@pytest.mark.usefixtures("opened")
def test_a_damaged_file_gives_the_text_of_its_good_part_and_an_error(tmp_path: Path) -> None:
    path = speak(tmp_path / "a.wav", 1, 2, 1)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 24_000])

    outcome = run(path)

    assert outcome.exit_code == 2
    assert outcome.stdout == "[0:00:00.0] 一丁丂七丄\n"
    assert outcome.stderr == f"streamer: {path}: cut short: its header promises 5.0 s, 1.5 s are there\n"


@pytest.mark.usefixtures("opened")
def test_a_truncated_mp3_is_among_the_files_that_failed(tmp_path: Path) -> None:
    speak(tmp_path / "a.wav", 1)
    path = write(tmp_path / "b.mp3", tone(10.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    outcome = run(tmp_path)

    assert outcome.exit_code == 2
    told, _, listed = outcome.stderr.partition("1 of 2 files failed:\n")
    assert listed.startswith(f"  {path}: cut short: its header promises 10.0 s, ")
    assert f"{path}: cut short: its header promises 10.0 s, " in told


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(("samples", "rate"), [(0, 16_000), (1, 16_000), (1, 8_000), (1, 48_000), (48_000, 16_000)])
def test_without_speech_there_is_no_text_and_no_error(tmp_path: Path, samples: int, rate: int) -> None:
    path = write(tmp_path / "a.wav", np.zeros(samples, dtype=np.float32), rate)
    outcome = run(path)

    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert outcome.stderr == f"streamer: {path}: no speech was found in it\n"


@pytest.mark.usefixtures("opened")
def test_channels_that_cancel_each_other_are_thought_of_where_no_speech_was_found(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, np.stack([noise(1.0), -noise(1.0)], axis=1))

    told = f"streamer: {path}: no speech was found in "
    mixed, alone = run(path).stderr, run(path, "--channel", "1").stderr
    assert mixed == f"{told}the mean of its 2 channels, which may cancel each other; `--channel 1` hears one alone\n"
    assert alone == f"{told}it\n"


@pytest.mark.usefixtures("opened")
def test_what_was_odd_is_said(tmp_path: Path) -> None:
    samples = tone(0.5)
    samples[7] = np.nan
    path = write(tmp_path / "a.wav", samples, subtype="FLOAT")

    assert "1 samples are not numbers" in run(path).stderr


@pytest.mark.usefixtures("opened")
def test_a_file_that_may_not_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    secret, other = speak(tmp_path / "a.wav", 1), speak(tmp_path / "b.wav", 1)

    with locked(secret):
        outcome = run(secret, other)

    assert (outcome.exit_code, outcome.stdout) == (2, "== b.wav ==\n[0:00:00.0] 一丁丂七丄\n")
    assert f"streamer: {secret}: no permission to read it\n" in outcome.stderr


@pytest.mark.usefixtures("opened")
def test_a_folder_that_may_not_be_entered_is_named_by_who_writes_there(tmp_path: Path) -> None:
    sound, folder = speak(tmp_path / "a.wav", 1), tmp_path / "texts"
    folder.mkdir()

    with locked(folder), pytest.raises(SinkError, match=f"^cannot write {folder / 'a.txt'}: Permission denied$"):
        run(sound, "--out", folder / "a.txt")


@pytest.mark.usefixtures("opened")
def test_what_is_wrong_with_files_is_told_in_the_language_of_the_totals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.chdir(tmp_path)
    cut = speak(tmp_path / "in" / "a.wav", 1, 2, 1)
    cut.write_bytes(cut.read_bytes()[: 44 + 2 * 24_000])
    (tmp_path / "in" / "b.wav").touch()
    (tmp_path / "in" / "c.wav").write_bytes(b"no sound at all")
    write(tmp_path / "in" / "d.wav", np.zeros(16_000, np.float32))
    write(tmp_path / "in" / "e.wav", np.zeros((16_000, 2), np.float32))
    (tmp_path / "in" / "f.wav").symlink_to("nowhere")
    (tmp_path / "said.tsv").write_text("a.wav\t一\n", encoding="utf-8")

    told = run("in", "--reference", "said.tsv").stderr.splitlines()

    junk = "in/c.wav：不是能读的声音文件（libsndfile：认不出格式；ffmpeg："
    assert [line for line in told if "c.wav" not in line and "倍速" not in line] == [
        "streamer: in/a.wav 不完整：文件头写明 5.0 秒，实际只有 1.5 秒",
        "streamer: in/b.wav：文件是空的（0 字节）",
        "streamer: in/d.wav：没有找到说话声",
        "streamer: in/e.wav：2 个声道的平均中没有找到说话声，各声道可能互相抵消；`--channel 1` 只听其一",
        "streamer: in/f.wav：没有这个文件",
        "streamer: in/b.wav：没有原文可比",
        "streamer: in/d.wav：没有原文可比",
        "streamer: 另有 2 个文件没有原文可比",
        "1 个文件的字错误率：400.00 %（替换 0，删除 0，插入 4；共 1 字）",
        "6 个文件中有 4 个失败：",
        "  in/a.wav 不完整：文件头写明 5.0 秒，实际只有 1.5 秒",
        "  in/b.wav：文件是空的（0 字节）",
        "  in/f.wav：没有这个文件",
    ]
    assert [line.removeprefix("streamer:").strip()[: len(junk)] for line in told if "c.wav" in line][::2] == [junk] * 2
