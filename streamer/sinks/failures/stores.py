"""Why the data folder, the meeting store or a recording cannot be used, in Chinese."""

from __future__ import annotations

from functools import partial
from typing import Final

from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.messages import CHINESE
from streamer.sinks.sayings import Sayings

_ADVICE = Sayings(
    (
        ("; move it away to go on without it", "；移走它即可不要它而继续"),
        ("; read it as the user who recorded it", "；请以录音者的身份读取"),
    )
)

STORES: Final = Sayings(
    (
        (
            r"--data-dir (?P<given>.*) names no folder: leave it out for the user's own, or name one",
            "--data-dir {given} 不是文件夹名：去掉它就用本人的数据文件夹，或写一个文件夹",
        ),
        (
            (
                r"cannot use the data folder (?P<folder>.*): (?P<file>.*) or what it lies in is a file; name a "
                r"folder with "
                r"--data-dir"
            ),
            "数据文件夹 {folder} 不能用：{file} 或它的上级是文件；请用 --data-dir 指定一个文件夹",
        ),
        (
            (
                r"cannot use the data folder (?P<folder>.*): (?P<error>.*); make it readable and writable, or name "
                r"another "
                r"with --data-dir"
            ),
            "数据文件夹 {folder} 不能用：{error}；请让它可读写，或用 --data-dir 另选一个",
        ),
        (
            (
                r"the disk of the data folder (?P<folder>.*) is full; free some space, or name a folder on another "
                r"disk "
                r"with --data-dir"
            ),
            "数据文件夹 {folder} 所在的磁盘已满；请腾出空间，或用 --data-dir 选另一个磁盘上的文件夹",
        ),
        (
            r"there is no folder (?P<folder>.*): --data-dir must name one that holds meetings",
            "没有文件夹 {folder}：--data-dir 应是存有会议的文件夹",
        ),
        (r"there are no meetings in (?P<folder>.*)", "{folder} 中还没有会议"),
        (
            (
                r"cannot write the log (?P<path>.*): (?P<error>.*); delete it or make it writable, or name another "
                r"folder "
                r"with --data-dir"
            ),
            "无法写日志 {path}：{error}；请删除它或让它可写，或用 --data-dir 另选文件夹",
        ),
        (
            r"the meeting store (?P<path>.*) failed: (?P<error>.*) \((?P<parts>[^()]*(?:\([^()]*\))?[^()]*)\)",
            "会议存储 {path} 出错：{parts}",
        ),
        (r"the meeting store (?P<path>.*) failed: (?P<error>.*)", "会议存储 {path} 出错：{error}"),
        (
            r"the meeting store (?P<path>.*) was deleted or moved while it was in use; put it back to where it was",
            "会议存储 {path} 在使用中被删除或移走；请放回原处",
        ),
        (r"cannot open the meeting store (?P<path>.*): (?P<error>.*)", "无法打开会议存储 {path}：{error}"),
        (
            r"the file is another program's SQLite database \(application id (?P<id>\S+)\), not a store",
            "这个文件是别的程序的 SQLite 数据库（application id {id}），不是会议存储",
        ),
        (
            (
                r"the meeting store has schema version (?P<version>\d+), this streamer knows (?P<known>\d+): "
                r"it was made by a newer streamer; install that, or name another folder with --data-dir"
            ),
            (
                "会议存储的格式是第 {version} 版，这个 streamer 只认得到第 {known} 版：它由更新的 streamer 创建；"
                "请安装那一版，或用 --data-dir 另选文件夹"
            ),
        ),
        (
            (
                r"cannot lock the meeting with (?P<path>.*): (?P<error>.*); the data folder has to be writable, "
                r"`--data-dir` names another"
            ),
            "无法用 {path} 锁定会议：{error}；数据文件夹必须可写，可用 `--data-dir` 另选",
        ),
        (
            r"cannot delete (?P<path>.*): (?P<error>.*); `streamer recover` does it once the disk takes that",
            "无法删除 {path}：{error}；磁盘恢复后 `streamer recover` 会删除",
        ),
        (r"cannot delete (?P<path>.*): (?P<error>.*); the meeting stays", "无法删除 {path}：{error}；会议保持原样"),
        (r"cannot delete the recording (?P<path>.*): (?P<error>.*)", "无法删除录音 {path}：{error}"),
        (r"cannot delete (?P<path>.*): (?P<error>.*)", "无法删除 {path}：{error}"),
        (r"cannot create the meeting's folder (?P<folder>.*): (?P<error>.*)", "无法建立会议文件夹 {folder}：{error}"),
        (
            r"(?P<path>.*) is damaged in line (?P<line>\d+) \((?P<error>.*)\): move it away to go on without it",
            "{path} 第 {line} 行损坏（{error}）：移走它即可不要它而继续",
        ),
        (
            r"cannot read the recording (?P<path>.*?): (?P<error>.*?)(?P<advice>(?:; (?:move|read) it .*)?)",
            "无法读取录音 {path}：{error}{advice}",
        ),
        (
            (
                r"the recording (?P<path>.*) is damaged: (?P<count>\d+) samples expected from position (?P<at>\d+), "
                r"(?P<found>\d+) found"
            ),
            "录音 {path} 损坏：从 {at} 起应有 {count} 个采样，只有 {found} 个",
        ),
        (
            r"the recording (?P<path>.*) is damaged: (?P<error>.*); move it away to go on without it",
            "录音 {path} 损坏：{error}；移走它即可不要它而继续",
        ),
    ),
    {"error": SYSTEM.chinese, "parts": partial(told_disk, messages=CHINESE), "advice": _ADVICE.chinese},
)
"""Errors of what keeps meetings."""
