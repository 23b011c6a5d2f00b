"""The words of the meeting commands, in Chinese and in English."""

from __future__ import annotations

import os
from dataclasses import dataclass

from streamer.sinks.messages import CHINESE as CHINESE_MESSAGES
from streamer.sinks.messages import messages_for


@dataclass(frozen=True, slots=True)
class Words:
    """Headings and sentences in one language; ``{…}`` is filled in by whoever shows them."""

    id: str
    start: str
    length: str
    title: str
    lines: str
    state: str
    sound: str
    running: str
    unfinished: str
    ended: str
    kept: str
    holed: str
    passing: str
    deleted: str
    none: str
    """There is no meeting in ``{folder}``."""
    hint: str
    """``{id}``: an unfinished meeting was found; ``{where}`` is the option that names its folder."""
    copy_hint: str
    """``{broker}``: who is told when meetings of ``hint`` are recovered."""
    store_lost: str
    """``{count}``, ``{folder}``, ``{store}``: the file's name."""
    nothing_said: str
    nothing_found: str
    more_found: str
    exported: str
    sound_missing: str
    renamed: str
    edited: str
    """``{line}``, ``{old}``, ``{new}``."""
    empty: str
    """What stands for a text of no characters."""
    hidden: str
    """``{line}``, ``{old}``."""
    hidden_already: str
    how_to_unhide: str
    """``{id}``, ``{line}`` as the command line takes it."""
    ask_delete: str
    """``{title}``, ``{folder}``."""
    ask_delete_sound: str
    removed: str
    sound_removed: str
    """Both ``{title}``, ``{id}``: who said `last` learns which it was."""
    kept_as_it_is: str
    redone: str
    """``{lines}``, ``{pack}``."""
    unrecorded: str
    edited_stay: str
    """``{lines}`` that were not decoded again."""
    redo_interrupted: str
    redo_interrupted_late: str
    """``{id}``, ``{where}`` it is kept: the new text is stored, its files may be older."""
    recovering: str
    redoing: str
    recovered: str
    """``{id}``, ``{seconds}``, ``{lines}``."""
    put_back: str
    """``{lines}`` that the store had refused."""
    end_told: str
    """``{broker}``, ``{count}`` captions that waited."""
    end_untold: str
    """``{error}``, ``{id}`` of the meeting, ``{where}`` it is kept."""
    nothing_to_recover: str
    recover_interrupted: str
    edited_mark: str
    summary_outdated: str
    """``{id}``, ``{where}`` it is kept."""
    summarizing: str
    summary_interrupted: str
    broker: str
    topic: str
    waiting: str
    refused: str
    any_broker: str
    """Messages of an older store: whichever broker comes first gets them."""
    nothing_waits: str
    waits_elsewhere: str
    """``{count}``, ``{broker}``."""
    how_to_send: str
    """``{url}``, ``{broker}``."""
    sent: str
    ask_drop: str
    """``{count}``, ``{broker}``."""
    dropped: str


CHINESE = Words(
    id="编号",
    start="开始",
    length="时长",
    title="标题",
    lines="行数",
    state="状态",
    sound="录音",
    running="进行中",
    unfinished="未完成",
    ended="已结束",
    kept="保留",
    holed="缺 {seconds} 秒",
    passing="不保留",
    deleted="已删除",
    none="{folder} 中还没有会议。",
    hint="会议 {id} 没有正常结束；运行 `streamer recover {id}{where}` 补全文字并结束它。",
    copy_hint="补全后会通知服务器 {broker}，并补发等待它的字幕；这里若是复制来的数据文件夹，请加 --no-mqtt。",
    store_lost="存储是新建的，但 {folder} 里有 {count} 个会议文件夹：录音和纪要都在。"
    "请从备份恢复 {store}，或直接阅读纪要。",
    nothing_said="没有文字。",
    nothing_found="没有找到。",
    more_found="只显示最新的 {limit} 处；--limit 可显示更多。",
    exported="已写入 {path}",
    sound_missing="录音缺少 {seconds} 秒，写出的声音在那里是静音。",
    renamed="会议 {id} 现名：{title}",
    edited="第 {line} 行：{old} → {new}",
    empty="（空）",
    hidden="第 {line} 行已隐藏：{old}",
    hidden_already="第 {line} 行本来就是隐藏的。",
    how_to_unhide="恢复显示：streamer meetings edit {id} {line} --undo",
    ask_delete="删除会议“{title}”的文字、录音和文件夹 {folder}？",
    ask_delete_sound="删除会议“{title}”的录音（文字保留）？",
    removed="已删除会议“{title}”（{id}）。",
    sound_removed="已删除会议“{title}”（{id}）的录音。",
    kept_as_it_is="没有删除任何内容。",
    redone="已用 {pack} 重新识别：{lines} 行。",
    edited_stay="另有 {lines} 行是人修改过的，保持原样。",
    unrecorded="另有 {lines} 行保持原样：没有它们的录音。",
    redo_interrupted="已中断：会议的文字保持原样。",
    redo_interrupted_late="已中断：新的文字已保存，但会议的文件可能还是旧的；"
    "再次运行 `streamer meetings redo {id}{where}` 会更新它们。",
    recovering="正在补全",
    redoing="正在重新识别",
    recovered="会议 {id} 已补全 {seconds} 秒，新增 {lines} 行。",
    put_back="另有 {lines} 行当时未能保存，现已补存。",
    end_told="已向 {broker} 补发 {count} 条消息（字幕及其修订），并告知会议已结束。",
    end_untold="未能告知服务器会议已结束（{error}），那里会一直显示会议仍在进行；"
    "用 `streamer recover {id}{where}` 重试，或等这个房间下次运行。",
    nothing_to_recover="没有未完成的会议。",
    recover_interrupted="已中断：已补全的内容已保存，再次运行同一命令会继续。",
    edited_mark="（已修改）",
    summary_outdated="（此后文字有改动；`streamer summarize {id}{where}` 可重新生成摘要。）",
    summarizing="正在写摘要",
    summary_interrupted="已中断：还没有摘要；模型已答的部分会保留，再次运行同一命令会继续。",
    broker="服务器",
    topic="主题",
    waiting="待发送",
    refused="被拒收",
    any_broker="（任意）",
    nothing_waits="没有待发送的字幕。",
    waits_elsewhere="{count} 条消息还在等待服务器 {broker}；`streamer meetings outbox{where}` 可发送或丢弃。",
    how_to_send="发送：streamer meetings outbox --send {url}{where}\n"
    "丢弃：streamer meetings outbox --drop {broker}{where}",
    sent="已向 {broker} 发送 {count} 条消息。",
    ask_drop="丢弃等待 {broker} 的 {count} 条消息（会议记录保留）？",
    dropped="已丢弃 {count} 条消息。",
)

ENGLISH = Words(
    id="id",
    start="start",
    length="length",
    title="title",
    lines="lines",
    state="state",
    sound="sound",
    running="running",
    unfinished="unfinished",
    ended="ended",
    kept="kept",
    holed="{seconds} s missing",
    passing="not kept",
    deleted="deleted",
    none="There are no meetings yet in {folder}.",
    hint="Meeting {id} did not end properly; `streamer recover {id}{where}` completes its text and closes it.",
    copy_hint="Then {broker} is told, and sent the captions that wait: in a copy of a data folder add --no-mqtt.",
    store_lost="The store is new, but {folder} holds folders of meetings ({count}): their sound and minutes are there. "
    "Put {store} back from a copy, or read the minutes.",
    nothing_said="There is no text.",
    nothing_found="Nothing found.",
    more_found="Only the newest {limit} are shown; --limit shows more.",
    exported="Wrote {path}",
    sound_missing="Seconds of sound that are missing from the recording, and silent in what was written: {seconds}.",
    renamed="Meeting {id} is now: {title}",
    edited="Line {line}: {old} → {new}",
    empty="(empty)",
    hidden="Line {line} is hidden: {old}",
    hidden_already="Line {line} is hidden already.",
    how_to_unhide="To show it again: streamer meetings edit {id} {line} --undo",
    ask_delete='Delete text, sound and folder {folder} of meeting "{title}"?',
    ask_delete_sound='Delete the sound of meeting "{title}" (its text stays)?',
    removed='Deleted meeting "{title}" ({id}).',
    sound_removed='Deleted the sound of meeting "{title}" ({id}).',
    kept_as_it_is="Nothing was deleted.",
    redone="Decoded again with {pack}; lines: {lines}.",
    edited_stay="Lines that stay as they were, because somebody edited them: {lines}.",
    unrecorded="Lines that stay as they were, because their sound is missing: {lines}.",
    redo_interrupted="Interrupted: the meeting's text stays as it was.",
    redo_interrupted_late="Interrupted: the new text is stored, but the meeting's files may be older; "
    "`streamer meetings redo {id}{where}` once more brings them up to date.",
    recovering="Completing",
    redoing="Decoding again",
    recovered="Meeting {id}: {seconds} s completed; lines added: {lines}.",
    put_back="Lines that could not be saved at the time and are in their places now: {lines}.",
    end_told="{broker} was sent the captions that waited ({count}), and told that the meeting is over.",
    end_untold="{error}; until `streamer recover {id}{where}` or the next run in this room tells it, the meeting seems "
    "to go on there",
    nothing_to_recover="No meeting is unfinished.",
    recover_interrupted="Interrupted: what was completed is kept, and the same command goes on from there.",
    edited_mark=" (edited)",
    summary_outdated="(The text has changed since; `streamer summarize {id}{where}` sums it up anew.)",
    summarizing="Summing up",
    summary_interrupted="Interrupted: no summary yet; the same command goes on from what the model has answered.",
    broker="broker",
    topic="topic",
    waiting="waiting",
    refused="refused",
    any_broker="(any)",
    nothing_waits="No captions wait for a broker.",
    waits_elsewhere="Captions that still wait for the broker {broker}: {count}; `streamer meetings outbox{where}` "
    "sends or drops them.",
    how_to_send="To send: streamer meetings outbox --send {url}{where}\n"
    "To drop: streamer meetings outbox --drop {broker}{where}",
    sent="Captions sent to {broker}: {count}.",
    ask_drop="Drop the captions that wait for {broker}, {count} in number (the meetings keep them)?",
    dropped="Captions dropped: {count}.",
)


def words() -> Words:
    """Those of the terminal's locale."""
    return CHINESE if messages_for(os.environ) is CHINESE_MESSAGES else ENGLISH


def screen_language() -> str:
    """That of :func:`words`, ``zh`` or ``en``, whatever the language of the files is."""
    return "zh" if words() is CHINESE else "en"
