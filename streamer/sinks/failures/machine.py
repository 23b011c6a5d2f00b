"""What this machine lacks, in Chinese: memory, open files, packages."""

from __future__ import annotations

from typing import Final

from streamer.sinks.sayings import Sayings

MACHINE: Final = Sayings(
    (
        (
            r"the system gives no more memory; end other programs, or raise this one's limit \(ulimit -v\)",
            "内存不足；请结束别的程序，或提高本程序的上限（ulimit -v）",
        ),
        (
            (
                r"the system gives no more memory \((?P<asked>.*)\); end other programs, or raise this one's limit "
                r"\(ulimit -v\)"
            ),
            "内存不足（{asked}）；请结束别的程序，或提高本程序的上限（ulimit -v）",
        ),
        (
            (
                r"only (?P<most>\d+) files may be open at once, expected (?P<needed>\d+) or more: raise the limit, "
                r"as root "
                r"with `ulimit -n (?P<raised>\d+)` before this command, for a user in /etc/security/limits\.conf, "
                r"for a "
                r"service with LimitNOFILE=\d+"
            ),
            (
                "最多只能同时打开 {most} 个文件，至少需要 {needed} 个：请提高上限，以 root 身份在本命令之前用 "
                "`ulimit -n {raised}`，给用户用 /etc/security/limits.conf，给服务用 LimitNOFILE={raised}"
            ),
        ),
        (
            (
                r"ONNX Runtime cannot be loaded \((?P<error>.*)\); put what is missing there, or install it anew: "
                r"(?P<how>.*)"
            ),
            "无法加载 ONNX Runtime（{error}）；请补上缺少的文件，或重新安装：{how}",
        ),
        (r"DOCX files need python-docx: (?P<how>.*)", "DOCX 文件需要 python-docx：{how}"),
        (r"or leave docx out of \[minutes\] formats", "或从 [minutes] formats 里去掉 docx"),
        (
            (
                r"Ascend's pyACL cannot be imported \((?P<error>.*)\); install CANN and run (?P<source>`.*`) before "
                r"streamer "
                r"\((?P<doctor>`.*`) tells more\)"
            ),
            "无法导入昇腾的 pyACL（{error}）；请安装 CANN，并在 streamer 之前运行 {source}（{doctor} 说明更多）",
        ),
    )
)
"""Errors of what the machine does not have."""
