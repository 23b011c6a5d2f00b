"""Headings and labels of minutes, by language."""

from __future__ import annotations

from dataclasses import dataclass

from streamer.sinks.messages import CHINESE as CHINESE_MESSAGES
from streamer.sinks.messages import ENGLISH as ENGLISH_MESSAGES
from streamer.sinks.messages import Messages


@dataclass(frozen=True, slots=True)
class Labels:
    """The words around the text."""

    untitled: str
    time: str
    running: str
    """Stands in place of the end."""
    length: str
    room: str
    device: str
    pack: str
    mark: str
    gap: str
    pause: str
    resume: str
    seconds: str
    edited: str
    """Behind a line that a person has changed."""
    highlight: str
    """The colour."""
    summary: str
    outdated: str
    """Below a summary of text that has changed since."""
    colon: str
    messages: Messages
    """Words of the same language that the screen has, too: of a gap's reason, of what marks of doubt mean."""

    @property
    def doubt(self) -> str:
        """Legend of the doubt marks."""
        return f"〔…？〕{self.colon}{self.messages.doubted}"


CHINESE = Labels(
    untitled="会议记录",
    time="时间",
    running="进行中",
    length="时长",
    room="房间",
    device="声音来源",
    pack="识别模型",
    mark="标记",
    gap="声音中断",
    pause="暂停",
    resume="继续",
    seconds="秒",
    edited="（已修改）",
    highlight="黄底",
    summary="摘要",
    outdated="（此后文字有改动。）",
    colon="：",
    messages=CHINESE_MESSAGES,
)
"""Chinese, the default."""

ENGLISH = Labels(
    untitled="Minutes",
    time="Time",
    running="running",
    length="Length",
    room="Room",
    device="Sound from",
    pack="Model",
    mark="Mark",
    gap="No sound",
    pause="Paused",
    resume="Resumed",
    seconds="s",
    edited=" (edited)",
    highlight="yellow",
    summary="Summary",
    outdated="(The text has changed since.)",
    colon=": ",
    messages=ENGLISH_MESSAGES,
)
"""English."""

LABELS = {"zh": CHINESE, "en": ENGLISH}
"""By the language of the settings."""
