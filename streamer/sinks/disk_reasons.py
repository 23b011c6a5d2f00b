"""Why a disk does not take sound, captions or minutes, in the language of whoever reads it. Disks speak English."""

from __future__ import annotations

from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.sayings import Sayings

_PARTS = Sayings(
    (
        (r"the last (?P<size>\d+) MB of the disk are kept for the captions", "磁盘最后 {size} MB 留给字幕"),
        ("its folder was moved or deleted", "它的文件夹被移走或删除"),
        ("it is made anew", "正在重建"),
        (r"(?:\[Errno \d+\] )?No space left on device", "磁盘已满"),
        (r"(?:\[Errno \d+\] )?Disk quota exceeded", "超出了磁盘配额"),
        (r"(?:\[Errno \d+\] )?File too large", "文件超过了大小上限"),
        (r"(?:\[Errno \d+\] )?Read-only file system", "只读文件系统"),
        (r"(?:\[Errno \d+\] )?Permission denied", "没有权限"),
        (r"(?:\[Errno \d+\] )?Input/output error", "磁盘读写出错"),
        (r"(?:\[Errno \d+\] )?No such file or directory: (?P<path>.*)", "没有这个文件或文件夹：{path}"),
        ("free some space", "请腾出空间"),
        ("free some space, or raise the quota", "请腾出空间，或提高配额"),
        ("free some space or check the folder", "请腾出空间，或检查文件夹"),
        (r"raise the limit on file sizes \(ulimit -f\)", "请提高文件大小的上限（ulimit -f）"),
        ("the disk has become read-only", "磁盘变成只读"),
        ("check it", "请检查"),
        ("put its folder back to where it was", "请把它的文件夹放回原处"),
        ("make the folder writable", "请让文件夹可写"),
        ("check the disk", "请检查磁盘"),
        ("another program holds its lock", "另一个程序锁住了它"),
        ("close that program, or try again", "请关闭那个程序，或再试一次"),
        ("the disk is full", "磁盘已满"),
        ("the disk refuses", "磁盘拒绝读写"),
        ("check its space and its health", "请检查磁盘的空间和好坏"),
        ("the folder is not writable", "文件夹不可写"),
        ("the folder is not writable, or is no local disk", "文件夹不可写，或不是本地磁盘"),
        ("make it so, or name another with --data-dir", "请让它可写，或用 --data-dir 另选一个"),
        ("name another with --data-dir", "请用 --data-dir 另选一个"),
        ("the file is no SQLite database", "这个文件不是 SQLite 数据库"),
        ("move it away", "请把它移走"),
        ("the disk takes no more files, see `df -i`", "磁盘不能再存更多文件（见 `df -i`）"),
        ("delete some", "请删除一些"),
        ("the file is damaged", "文件已损坏"),
        (
            r"restore it from a copy \(sound and minutes lie beside it\)",
            "请用备份恢复（录音和会议记录在它旁边）",
        ),
    )
)


_REASONS = Sayings(
    (
        (r"sound is not being recorded: (?P<parts>.*) \((?P<folder>/.*)\)", "{parts}（{folder}）"),
        (r"the meeting store (?P<path>.*) failed: (?P<error>[^(]*) \((?P<parts>.*)\)", "会议存储 {path}：{parts}"),
        (
            r"the meeting store (?P<path>.*) was deleted or moved while it was in use; put it back to where it was",
            "会议存储 {path} 在使用中被删除或移走；请放回原处",
        ),
        (r"minutes cannot be written: (?P<parts>.*)", "无法写入：{parts}"),
        (r"(?P<parts>.*)", "{parts}"),
    ),
    {"parts": _PARTS.chinese_parts},
)


def told_disk(reason: str, messages: Messages) -> str:
    """A reason in the language of ``messages``: what disks often give; anything else as it is."""
    return _REASONS.chinese(reason) if messages is CHINESE else reason
