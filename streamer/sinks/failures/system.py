"""What the system says of files, networks and processes, in Chinese."""

from __future__ import annotations

from typing import Final

from streamer.sinks.sayings import Sayings

_MEANT: Final = {
    "No such file or directory": "没有这个文件或文件夹",
    "Permission denied": "没有权限",
    "Operation not permitted": "不允许这样操作",
    "Is a directory": "这是文件夹",
    "Not a directory": "路径中有一段不是文件夹",
    "File exists": "已存在",
    "File name too long": "文件名太长",
    "File too large": "文件超过了大小上限",
    "Directory not empty": "文件夹不是空的",
    "No space left on device": "磁盘已满",
    "Disk quota exceeded": "超出了磁盘配额",
    "Read-only file system": "只读文件系统",
    "Input/output error": "磁盘读写出错",
    "Too many levels of symbolic links": "符号链接互相指向",
    "Too many open files": "打开的文件太多",
    "Device or resource busy": "正被占用",
    "No such device or address": "没有这个设备",
    "Bad file descriptor": "已关闭",
    "Invalid argument": "参数无效",
    "Resource temporarily unavailable": "资源暂不可用",
    "Cannot allocate memory": "内存不足",
    "Exec format error": "不是这台机器的程序",
    "Connection refused": "连接被拒绝",
    "Connection reset by peer": "对方断开了连接",
    "Address already in use": "端口已被占用",
    "Cannot assign requested address": "不是本机的地址",
    "Network is unreachable": "网络不可达",
    "No route to host": "没有到主机的路由",
    "Name or service not known": "没有这个主机名",
    "no host has such a name": "主机不会有这样的名字",
}

SYSTEM: Final = Sayings(
    (
        *((rf"(?:\[Errno -?\d+\] )?{said}", meant) for said, meant in _MEANT.items()),
        *((rf"(?:\[Errno -?\d+\] )?{said}: (?P<path>.*)", f"{meant}：{{path}}") for said, meant in _MEANT.items()),
    )
)
"""Reasons of the operating system; with a number before them and a path behind, as Python tells them, too."""
