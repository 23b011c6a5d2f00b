"""Every word that the program says to a person during a meeting, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamer.system.language import is_chinese


@dataclass(frozen=True, slots=True)
class Messages:
    """Labels and sentences in one language; ``{…}`` is filled in by whoever shows them."""

    recording: str
    paused: str
    deaf: str
    """While the device is away."""
    unrecorded: str
    """While captions are saved and sound is not."""
    unsaved: str
    """While captions are not saved."""
    ended: str
    waiting: str
    """While nothing is known of any meeting yet."""
    lag: str
    loading: str
    pause_key: str
    resume_key: str
    mark_key: str
    end_key: str
    leave_key: str
    """Of a meeting that has ended: what is waited for, and that it need not be."""
    space: str
    stop_line: str
    """What ends the meeting where no keys are offered."""
    mark: str
    doubted: str
    """What marks of doubt mean."""
    doubt_line: str
    """Above the first final with underlined characters; ``{doubted}``."""
    gap: str
    """``{seconds}`` and ``{reason}``."""
    missed: str
    """``{count}`` captions that a watcher has not got."""
    late: str
    """Before the date of a meeting whose captions come only now."""
    two: str
    """Of a watched room that two programs share."""
    pause_line: str
    resume_line: str
    title_line: str
    """``{title}``."""
    untitled: str
    wordless_line: str
    minutes_line: str
    """``{folder}``."""
    id_line: str
    """``{id}`` of the meeting, for the commands about it."""
    missing_line: str
    """``{seconds}`` of sound that are not in the ``{folder}``."""
    complete_line: str
    """Where nothing is missing after all."""
    unsent_line: str
    """``{count}`` captions and their ``{broker}``."""
    untold_line: str
    """``{broker}`` that does not know of the end, and the ``{command}`` that tells it."""
    ended_line: str
    """``{duration}``."""
    unseen_lines: str
    """``{count}``: lines that a terminal which was not read has missed."""
    muted: str
    clipping: str
    quiet: str
    """``{level}``: decibels below full scale."""
    away: str
    """``{reason}``."""
    awaiting: str
    """Of a room whose microphone is waited for."""
    awaited: str
    """``{device}`` that is waited for, after a space, or empty; ``{since}``, ``{reason}``."""
    begins_paused: str
    """Of a meeting whose microphone is waited for, and that was paused meanwhile."""
    called_off: str
    """Of a meeting that was not begun."""
    room_failed: str
    """Of one room among others; why stands in a notice."""
    offline: str
    online: str
    silent: str
    """Of a room that is watched."""
    nobody: str
    silence_stop: str
    """``{minutes}``."""
    sound_deleted: str
    """``{count}`` recordings of earlier meetings."""
    store_failed: str
    """``{error}``."""
    store_hung: str
    sound_failed: str
    """``{error}``."""
    stored_again: str
    answers_again: str
    recognizer_failed: str
    """``{error}``."""
    recognizer_lost: str
    """``{time}``, ``{error}``: a passage without text."""
    source_failed: str
    """``{error}``."""
    sink_failed: str
    """``{name}``, ``{error}``."""
    sink_gave_up: str
    """``{name}``."""
    kept_beside: str
    """``{path}`` of minutes that somebody may have changed, ``{kept}``: the name that they have now."""


CHINESE = Messages(
    recording="录制中",
    paused="已暂停",
    deaf="没有声音",
    unrecorded="未录音",
    unsaved="未保存",
    ended="已结束",
    waiting="等待中",
    lag="延迟",
    loading="正在加载模型",
    pause_key="暂停",
    resume_key="继续",
    mark_key="标记",
    end_key="结束",
    leave_key="不再等待（最后的内容正在发送和保存）",
    space="空格",
    stop_line="Ctrl-C 结束会议",
    mark="标记",
    doubted="机器没有把握的文字",
    doubt_line="（下划线：{doubted}）",
    gap="声音中断 {seconds} 秒：{reason}",
    missed="此处漏收 {count} 行字幕",
    late="补发",
    two="这个房间同时有两个会议：请用 --room 给它们各起一个名字",
    pause_line="暂停",
    resume_line="继续",
    title_line="会议改名为：{title}",
    untitled="会议",
    wordless_line="没有找到说话声：会议记录中没有文字",
    minutes_line="会议记录：{folder}",
    id_line="会议编号：{id}（用于 streamer meetings show、edit、export）",
    missing_line="录音缺少 {seconds} 秒：当时没有录下，或文件已不在 {folder} 里",
    complete_line="录音和字幕是完整的：磁盘一度不收的，后来都补存了",
    unsent_line="{count} 条消息（字幕及其修订）尚未送达 {broker}，这个房间下次用它运行时发送",
    untold_line="尚未告知 {broker} 会议已结束；运行 `{command}` 告知",
    ended_line="会议结束，时长 {duration}",
    unseen_lines="…… 终端停止期间的前 {count} 行略去，记录中完整保留",
    muted="麦克风没有声音：可能已静音",
    clipping="声音过大，出现削波：请调低麦克风音量",
    quiet="说话声太小（{level} dB）：请靠近麦克风或调高音量",
    away="收不到声音，正在等待恢复：{reason}",
    awaiting="等待麦克风",
    awaited="等待麦克风{device}（自 {since}），接通后会议开始：{reason}",
    begins_paused="会议将以暂停状态开始；按空格取消",
    called_off="不再等待麦克风，没有开始会议",
    room_failed="会议未能进行",
    offline="房间的 streamer 已离线",
    online="房间的 streamer 已恢复在线",
    silent="这个房间不再有消息：它的 streamer、服务器或网络没有响应",
    nobody="这里现在没有会议：请检查地址中的前缀和房间名，或等待会议开始",
    silence_stop="已有 {minutes} 分钟无人说话，会议自动结束",
    sound_deleted="按设置（[store] audio_days 或 audio_gib）删除了 {count} 场旧会议的录音，文字保留",
    store_failed="无法保存：{error}",
    store_hung="磁盘没有响应：字幕照常显示，声音和字幕先留在内存里，磁盘恢复后补存",
    sound_failed="字幕照常保存，声音没有录下：{error}",
    answers_again="磁盘恢复了，没有存的都已补存",
    stored_again="又能保存了：这段时间的字幕已补存，录音可能不全",
    recognizer_failed="识别出错，正在重试：{error}",
    recognizer_lost="{time} 的一段话未能识别（录音已保留）：{error}",
    source_failed="声音中断，会议结束：{error}",
    sink_failed="{name} 出错，正在重试：{error}",
    sink_gave_up="{name} 停用：积压过多",
    kept_beside="{path} 可能有人改过：原来的内容保留为 {kept}",
)

ENGLISH = Messages(
    recording="recording",
    paused="paused",
    deaf="no sound",
    unrecorded="not recorded",
    unsaved="not saved",
    ended="ended",
    waiting="waiting",
    lag="lag",
    loading="loading models",
    pause_key="pause",
    resume_key="resume",
    mark_key="mark",
    end_key="end",
    leave_key="stop waiting (the last of it is being sent and saved)",
    space="space",
    stop_line="Ctrl-C ends the meeting",
    mark="mark",
    doubted="text that the machine doubts",
    doubt_line="(underlined: {doubted})",
    gap="no sound {seconds} s: {reason}",
    missed="captions missed here: {count}",
    late="delivered late, of",
    two="two meetings are held in this room: --room NAME parts them",
    pause_line="paused",
    resume_line="resumed",
    title_line="the meeting is now called: {title}",
    untitled="Meeting",
    wordless_line="no speech was found: the minutes have no text",
    minutes_line="minutes: {folder}",
    id_line="meeting id: {id} (for streamer meetings show, edit, export)",
    missing_line="seconds of sound that are missing: {seconds}; not recorded, or not in {folder}",
    complete_line="sound and captions are complete: what the disk had refused was saved later",
    unsent_line="captions, also in hindsight, that wait for {broker}: {count}; this room's next run with it sends them",
    untold_line="{broker} was not told that the meeting has ended; `{command}` tells it",
    ended_line="meeting ended after {duration}",
    unseen_lines="… lines left out while the terminal was stopped: {count}; the record holds them",
    muted="the microphone gives no sound: is it muted?",
    clipping="the sound is too loud and clips: turn the microphone down",
    quiet="speech is very soft ({level} dB): come closer, or turn the microphone up",
    away="no sound arrives, waiting for it: {reason}",
    awaiting="waiting for the microphone",
    awaited="waiting for the microphone{device} since {since}; the meeting begins when it is there: {reason}",
    begins_paused="the meeting will begin paused; space takes that back",
    called_off="the microphone is not waited for any more: no meeting was begun",
    room_failed="its meeting could not be held",
    offline="the room's streamer is offline",
    online="the room's streamer is online again",
    silent="nothing comes from this room any more: its streamer, the broker or the network hangs",
    nobody="no room holds a meeting here now: check prefix and room in the address, or wait for a meeting",
    silence_stop="nobody spoke for {minutes} min: the meeting ends",
    sound_deleted="recordings deleted, as [store] audio_days or audio_gib asks: {count}; their text stays",
    store_failed="cannot save: {error}",
    store_hung="the disk does not answer: captions go on, sound and captions wait in memory and are saved when it does",
    sound_failed="captions are saved; {error}",
    answers_again="the disk answers again: what waited is saved",
    stored_again="saving works again: the captions of that time are kept, its sound perhaps not all",
    recognizer_failed="recognition failed, trying again: {error}",
    recognizer_lost="a passage at {time} could not be recognised (its sound is kept): {error}",
    source_failed="the sound broke off, the meeting ends: {error}",
    sink_failed="{name} failed, trying again: {error}",
    sink_gave_up="{name} is given up: it is too far behind",
    kept_beside="somebody may have changed {path}: what it held is kept beside it as {kept}",
)


def messages_for(environment: Mapping[str, str]) -> Messages:
    """The language of a process environment: Chinese where the locale says so, English otherwise."""
    return CHINESE if is_chinese(environment) else ENGLISH
