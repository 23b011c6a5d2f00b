from __future__ import annotations

import errno
import os

import pytest

from streamer.sinks.failures.system import SYSTEM


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOENT, "没有这个文件或文件夹"),
        (errno.EACCES, "没有权限"),
        (errno.EPERM, "不允许这样操作"),
        (errno.EISDIR, "这是文件夹"),
        (errno.ENOTDIR, "路径中有一段不是文件夹"),
        (errno.EEXIST, "已存在"),
        (errno.ENAMETOOLONG, "文件名太长"),
        (errno.EFBIG, "文件超过了大小上限"),
        (errno.ENOTEMPTY, "文件夹不是空的"),
        (errno.ENOSPC, "磁盘已满"),
        (errno.EDQUOT, "超出了磁盘配额"),
        (errno.EROFS, "只读文件系统"),
        (errno.EIO, "磁盘读写出错"),
        (errno.ELOOP, "符号链接互相指向"),
        (errno.EMFILE, "打开的文件太多"),
        (errno.EBUSY, "正被占用"),
        (errno.ENXIO, "没有这个设备"),
        (errno.EBADF, "已关闭"),
        (errno.EINVAL, "参数无效"),
        (errno.EAGAIN, "资源暂不可用"),
        (errno.ENOMEM, "内存不足"),
        (errno.ENOEXEC, "不是这台机器的程序"),
        (errno.ECONNREFUSED, "连接被拒绝"),
        (errno.ECONNRESET, "对方断开了连接"),
        (errno.EADDRINUSE, "端口已被占用"),
        (errno.EADDRNOTAVAIL, "不是本机的地址"),
        (errno.ENETUNREACH, "网络不可达"),
        (errno.EHOSTUNREACH, "没有到主机的路由"),
    ],
)
def test_what_the_system_says(code: int, told: str) -> None:
    reason = os.strerror(code)

    assert SYSTEM.chinese(reason) == told
    assert SYSTEM.chinese(str(OSError(code, reason))) == told
    assert SYSTEM.chinese(str(OSError(code, reason, "/a/b"))) == f"{told}：'/a/b'"
