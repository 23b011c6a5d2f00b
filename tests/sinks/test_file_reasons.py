"""What readers say of sound files, in Chinese; files that they say it of."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError
from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.sinks.sound_reasons import told_reason
from tests.sounds import tone, write


def told(path: Path) -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(AudioFileError) as refused, SoundFile(path) as file:
        list(file.pcm())
    return told_reason(str(refused.value), CHINESE)


def test_a_folder_and_a_name_that_is_too_long(tmp_path: Path) -> None:
    long = tmp_path / ("a" * 300)

    assert told(tmp_path) == f"{tmp_path}：这是文件夹"
    assert told(long) == f"{long}：文件名太长"


def test_a_device_and_an_address() -> None:
    assert told(Path("/dev/null")) == "/dev/null：不是普通文件；`streamer run --source -` 从管道读原始 PCM"
    assert told(Path("http://example.com/a.mp3")) == (
        "http:/example.com/a.mp3：这是网址，声音要从文件读；可用 `ffmpeg -nostdin -v error -i "
        "http://example.com/a.mp3 -f s16le -ar 16000 -ac 1 - | streamer run --source -` 收听"
    )


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.open", refuse)

    assert told(tmp_path / "a.wav") == f"{tmp_path}/a.wav：没有读取权限"


def test_without_ffmpeg_the_machines_own_command_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_euler: None
) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x18ftypM4A ")

    assert told(tmp_path / "a.m4a") == (
        f"{tmp_path}/a.m4a：libsndfile 读不了（认不出格式）；装上 ffmpeg (dnf install ffmpeg) 可读更多格式"
    )


def test_a_header_that_was_never_finished_without_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    path = write(tmp_path / "a.wav", np.zeros(16_000, np.float32))
    sound = path.read_bytes()
    path.write_bytes(sound[:4] + bytes(4) + sound[8:40] + bytes(4) + sound[44:])

    assert "libsndfile 读不了（文件头没有写完，说其后没有声音）" in told(path)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            (
                "a.m4a: no sound file that can be read (libsndfile: Format not recognised; ffmpeg: moov atom not "
                "found: the end of the file is missing, and with it the index that it cannot be read without)"
            ),
            (
                "a.m4a：不是能读的声音文件（libsndfile：认不出格式；ffmpeg："
                "moov atom not found：文件结尾缺失，没有结尾处的索引就读不了）"
            ),
        ),
        (
            (
                "a.mp4: no sound file that can be read (libsndfile: Format not recognised; ffmpeg: it cannot be "
                "started: Exec format error)"
            ),
            ("a.mp4：不是能读的声音文件（libsndfile：认不出格式；ffmpeg：无法启动：Exec format error）"),
        ),
        ("a.ac3: cut short: 40 bytes are missing after 3.5 s", "a.ac3 不完整：3.5 秒之后缺 40 字节"),
        ("a.m4a: cut short after 3.5 s: its index promises more", "a.m4a 到 3.5 秒处为止，不完整：索引中还有更多"),
        (
            "a.ogg: sound is missing in it: it lasts 9.0 s, 7.0 s are there; later times are early",
            "a.ogg 中间缺少声音：全长 9.0 秒，只有 7.0 秒；其后的时间偏早",
        ),
        (
            (
                "a.flac: its end is missing, after 2.0 s: it does not say how long it is; install ffmpeg, "
                "which reads all of it"
            ),
            "a.flac 在 2.0 秒之后没有读完：文件没有写明长度；装上 ffmpeg 可全部读出",
        ),
        (
            (
                "a.mp3: 900 bytes are left after 2.0 s: it does not say how long it is, and its bitrate varies; "
                "install ffmpeg (apt-get install ffmpeg), which reads all of it"
            ),
            (
                "a.mp3 在 2.0 秒之后还有 900 字节没有读：文件没有写明长度，码率又不固定；"
                "装上 ffmpeg (apt-get install ffmpeg) 可全部读出"
            ),
        ),
        ("a.mp3: damaged after 2.0 s: no frame can be decoded there", "a.mp3 在 2.0 秒处损坏：该处没有可以解码的帧"),
        ("a.ogg: it has no end, so that some of it may be missing", "a.ogg：没有结尾，可能缺少一部分"),
        (
            "a.aac: it ends within a frame, so that more of it may be missing",
            "a.aac：结尾的一帧不完整，后面可能还有缺失",
        ),
        (
            "a.wav: another WAV lies behind the first one in it, and was not read",
            "a.wav：其中第一段 WAV 之后还有一段，没有读",
        ),
    ],
)
def test_files_that_are_not_whole(reason: str, said: str) -> None:
    assert told_reason(reason, CHINESE) == said
    assert told_reason(reason, ENGLISH) == reason


def test_a_file_that_was_recorded_too_loud(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.clip(2.1 * tone(1.0), -1.0, 1.0))
    with SoundFile(path) as file:
        list(file.pcm())
        (remark,) = file.remarks

    assert told_reason(f"{path}: {remark}", CHINESE) == (
        f"{path}：录得太响，20% 的采样到了满幅（削波），识别效果会变差"
    )
