"""An error as one message, in the language of whoever reads it. Errors speak English."""

from __future__ import annotations

from typing import Final

from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.failures.brokers import BROKERS
from streamer.sinks.failures.machine import MACHINE
from streamer.sinks.failures.meetings import EXPORTS, MEETINGS
from streamer.sinks.failures.npu import NPU
from streamer.sinks.failures.outputs import OUTPUTS
from streamer.sinks.failures.packs import PACKS
from streamer.sinks.failures.rooms import ROOMS
from streamer.sinks.failures.settings import SETTINGS
from streamer.sinks.failures.sounds import SOUNDS
from streamer.sinks.failures.stores import STORES
from streamer.sinks.failures.summaries import SUMMARIES
from streamer.sinks.hotword_reasons import HOTWORDS
from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.sayings import Sayings
from streamer.sinks.sound_reasons import told_reason
from streamer.sinks.store_reasons import told_store


def told_failure(failure: str, messages: Messages) -> str:
    """An error's text in the language of ``messages``: the lines of it that are known; anything else as it is."""
    return "\n".join(map(_chinese, failure.splitlines())) if messages is CHINESE else failure


def _chinese(sentence: str) -> str:
    for area in _AREAS:
        if (told := area.chinese(sentence)) != sentence:
            return told
    # These have patterns that fit much else.
    for of_area in (told_store, told_reason, told_disk):
        # Of several parts that nobody knows only what stands between them would be Chinese.
        if (told := of_area(sentence, CHINESE)).replace("；", "; ") != sentence:
            return told
    return sentence


_AFTERWARDS = Sayings(
    (
        (
            (
                r"(?P<failure>.*); what was changed is stored all the same: (?P<how>`.*`) writes it elsewhere, and "
                r"the next "
                r"change writes the minutes once that is mended"
            ),
            "{failure}；改动已保存：{how} 可把它写到别处，排除故障后下一次改动会重写纪要",
        ),
        (
            r"(?P<failure>.*); what was changed is stored all the same, and the next change writes the minutes",
            "{failure}；改动已保存，下一次改动会重写纪要",
        ),
        (
            r"(?P<failure>.*); the title is stored all the same, and the next `rename` gives it to the folder",
            "{failure}；标题已保存，下次 `rename` 会改文件夹的名字",
        ),
        (
            (
                r"(?P<failure>.*); meeting (?P<id>\S+) was held so, and (?P<how>`.*`) decodes it with that file's "
                r"\[recognizer\]"
            ),
            "{failure}；会议 {id} 当时就是这样设置的，{how} 改用该文件的 [recognizer] 识别",
        ),
        (
            (
                r"(?P<failure>.*); meeting (?P<id>\S+) was held so, and --pack or the \[recognizer\] of --config "
                r"FILE\.toml "
                r"decodes it with others"
            ),
            "{failure}；会议 {id} 当时就是这样设置的，用 --pack 或 --config FILE.toml 的 [recognizer] 可换别的",
        ),
        (
            r"the summary is shown here only, and could not be kept: (?P<failure>.*)",
            "摘要只在这里显示，没有存下：{failure}",
        ),
    ),
    {"failure": _chinese},
)
"""Errors with what becomes of what was done before them."""

_AREAS: Final = (
    _AFTERWARDS,
    SETTINGS,
    HOTWORDS,
    ROOMS,
    MEETINGS,
    EXPORTS,
    STORES,
    PACKS,
    NPU,
    BROKERS,
    SUMMARIES,
    MACHINE,
    SOUNDS,
    OUTPUTS,
)
"""Those with narrow patterns before those with wide ones."""
