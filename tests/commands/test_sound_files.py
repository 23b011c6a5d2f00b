from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamer.commands.sound_files import SoundPath, find_sounds, replacing, targets
from streamer.errors import AudioFileError, SettingsError, SinkError
from tests.disks import locked


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_gives_its_sounds_in_order_with_those_below(tmp_path: Path) -> None:
    touch(tmp_path / "b.WAV", tmp_path / "a.flac", tmp_path / "day 1" / "c.m4a", tmp_path / "notes.txt")
    touch(tmp_path / ".hidden.wav", tmp_path / ".trash" / "d.wav")

    assert [str(sound.name) for sound in find_sounds([tmp_path])] == ["a.flac", "b.WAV", "day 1/c.m4a"]


def test_of_a_folder_what_cannot_be_read_is_there_to_be_named(tmp_path: Path) -> None:
    touch(tmp_path / "a.wav", tmp_path / "day 1" / "b.wav")
    (tmp_path / "away.wav").symlink_to(tmp_path / "unmounted" / "c.wav")
    os.mkfifo(tmp_path / "pipe.wav")

    with locked(tmp_path / "day 1"):
        assert [str(sound.name) for sound in find_sounds([tmp_path])] == ["a.wav", "away.wav", "day 1"]


@pytest.mark.parametrize("name", ["locked/a.wav", "a" * 300])
def test_a_file_that_cannot_be_looked_at_is_taken_as_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "locked").mkdir()

    with locked(tmp_path / "locked"):
        assert find_sounds([tmp_path / name]) == [SoundPath(tmp_path / name, Path(Path(name).name))]


def test_a_file_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    assert find_sounds([tmp_path / "notes.txt"]) == [SoundPath(tmp_path / "notes.txt", Path("notes.txt"))]


def test_a_folder_without_sounds_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "notes.txt")
    with pytest.raises(AudioFileError, match="the folder holds no sound files"):
        find_sounds([tmp_path])


def sound(name: str) -> SoundPath:
    return SoundPath(Path("/sounds") / name, Path(name))


def test_standard_input_is_not_taken_for_a_missing_file() -> None:
    with pytest.raises(AudioFileError) as refused:
        find_sounds([Path("-")])

    assert str(refused.value) == (
        "-: a sound has to be a file; of standard input, `streamer run --source -` reads raw PCM"
    )


def test_one_sound_goes_into_the_file_named(tmp_path: Path) -> None:
    assert targets([sound("a.wav")], tmp_path / "text", "srt") == [tmp_path / "text"]


def test_one_sound_goes_into_a_folder_under_its_own_name(tmp_path: Path) -> None:
    assert targets([sound("a.wav")], tmp_path, "srt") == [tmp_path / "a.srt"]


def test_several_sounds_go_into_a_folder(tmp_path: Path) -> None:
    found = targets([sound("a.wav"), sound("day 1/a.wav")], tmp_path / "texts", "vtt")

    assert found == [tmp_path / "texts" / "a.vtt", tmp_path / "texts" / "day 1" / "a.vtt"]


def test_sounds_that_differ_in_their_ending_only_keep_it(tmp_path: Path) -> None:
    found = targets([sound("a.wav"), sound("a.mp3"), sound("b.mp3")], tmp_path, "srt")

    assert [path.name for path in found] == ["a.wav.srt", "a.mp3.srt", "b.srt"]


def test_two_sounds_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="two of the sounds would be written to"):
        targets([sound("a.wav"), sound("a.wav")], tmp_path, "srt")


def test_the_sound_itself_is_never_overwritten(tmp_path: Path) -> None:
    touch(tmp_path / "a.wav")
    with pytest.raises(SettingsError, match="is the sound itself"):
        targets([SoundPath(tmp_path / "a.wav", Path("a.wav"))], tmp_path / "a.wav", "txt")


def test_a_file_is_replaced_when_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    with replacing(target) as file:
        file.write("你好\n")
        assert not target.exists()

    assert target.read_text(encoding="utf-8") == "你好\n"
    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o666 & ~_umask()


def test_what_was_written_here_before_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    for text in ("一", "二"):
        with replacing(target) as file:
            file.write(text)

    assert target.read_text(encoding="utf-8") == "二"
    assert list(tmp_path.iterdir()) == [target]


def test_what_somebody_made_of_it_since_is_kept_beside_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    target = tmp_path / "a.srt"
    for text in ("预算", "下一次"):
        with replacing(target) as file:
            file.write(text)
        target.write_text(f"{text}，改过", encoding="utf-8")
    with replacing(target) as file:
        file.write("下一次，改过")  # what it says already

    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "a.srt": "下一次，改过",
        "a.kept.srt": "预算，改过",
    }
    assert caplog.messages == [
        f"somebody may have changed {target}: what it held is kept beside it as a.kept.srt",
    ]


def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "a.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    with replacing(link) as file:
        file.write("new")

    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_named_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "a.txt"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with replacing(pipe) as file:
        file.write("你好\n")

    assert os.read(reader, 100).decode() == "你好\n"
    assert pipe.is_fifo()
    os.close(reader)


def test_what_is_open_already_is_written_on(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    with log.open("a") as opened, replacing(Path(f"/dev/fd/{opened.fileno()}")) as file:
        file.write("after\n")

    assert log.read_text() == "before\nafter\n"


def test_an_interrupted_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(target):
        raise KeyboardInterrupt

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    touch(tmp_path / "file")
    with pytest.raises(SinkError, match=r"cannot write .*/file/a\.txt: (Not a directory|File exists)"):
        with replacing(tmp_path / "file" / "a.txt"):
            pytest.fail("opened")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
