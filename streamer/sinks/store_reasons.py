"""What store and recording did not take, told at a meeting's end in the language of whoever reads it."""

from __future__ import annotations

from functools import partial

from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.sayings import Sayings

_UNSAVED = r"captions \((?P<count>\d+)\) and the end are not in the meeting: (?P<error>.*); "
_UNSAVED_CHINESE = "{count} 条字幕和会议的结束没有存入会议：{error}。"

_LOSSES = Sayings(
    (
        (
            _UNSAVED + r"they lie in (?P<path>.*); once that is mended, before this machine restarts, "
            r"(?P<command>`.*`) puts them back",
            _UNSAVED_CHINESE + "它们暂存在 {path}；排除故障后、本机重启之前，运行 {command} 补存",
        ),
        (
            _UNSAVED + "no other disk took them: copy the captions from the screen now",
            _UNSAVED_CHINESE + "别的磁盘也存不下：请现在就从屏幕上抄下字幕",
        ),
        (
            r"(?P<seconds>\S+) s of sound were not recorded to (?P<folder>.*?): (?P<error>.*)",
            "{seconds} 秒的声音没有录到 {folder}：{error}",
        ),
    ),
    {"error": partial(told_disk, messages=CHINESE)},
)


def told_store(losses: str, messages: Messages) -> str:
    """Losses, one a line, in the language of ``messages``: those that are known; anything else as it is."""
    return "\n".join(map(_LOSSES.chinese, losses.splitlines())) if messages is CHINESE else losses
