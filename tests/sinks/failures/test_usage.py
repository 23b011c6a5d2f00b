from __future__ import annotations

import pytest
from typer import rich_utils
from typer.testing import CliRunner

from streamer.cli import app


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The locale, and columns enough for one row; what typer says around an error is put back afterwards."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("ERRORS_PANEL_TITLE", "RICH_HELP"):
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))


def rows(*arguments: str) -> list[str]:
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
    return [row.strip("│╭╰─╮╯ ") for row in refused.stderr.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--bad"], "没有选项 --bad"),
        (["run", "--bad"], "没有选项 --bad；相近的有：--began"),
        (["foo"], "没有命令 'foo'。"),
        (["trnascribe"], "没有命令 'trnascribe'：是不是 `streamer transcribe`？"),
        (["meetings", "shwo"], "没有命令 'shwo'：是不是 `streamer meetings show`？"),
        (["lists"], "没有命令 'lists'：是不是 `streamer meetings list`？"),
        (["run", "--source"], "选项 '--source' 后面缺少值。"),
        (["run", "--json=1"], "选项 '--json' 不带值。"),
        (["run", "more"], "多余的参数：more"),
        (["run", "--hotword", "张伟", "2.5"], "多余的参数：2.5；热词和权重要一起写在引号里：--hotword '张伟 2.5'"),
        (
            ["meetings", "edlt"],
            "没有命令 'edlt'：是不是 `streamer meetings edit` 或 `streamer meetings delete`？",
        ),
        (["models", "import-om"], "缺少选项 '--conformer'。"),
        (["meetings", "edit"], "缺少参数 'ID'。"),
        (["run", "—title", "周会"], "'—title' 开头的 '—' 是输入法打出的破折号：应为 --title"),
        (["run", "--metrics-port", "x"], "选项 '--metrics-port' 的值不对：'x'；应为整数，从 0 到 65535"),
        (["meetings", "list", "-n", "0"], "选项 '--limit' / '-n' 的值不对：'0'；应为整数，不小于 1"),
        (["meetings", "export", "last", "--around", "x"], "选项 '--around' 的值不对：'x'；应为数，从 0.1 到 86400"),
        (["models", "import-om", "--blank-id", "x"], "选项 '--blank-id' 的值不对：'x'；应为整数"),
        (
            ["run", "--stop-after-silence", "x"],
            "选项 '--stop-after-silence' 的值不对：'x'；应为分钟数，从 0（会议不结束）到 1440",
        ),
        (
            ["run", "--began", "tomorrow"],
            "选项 '--began' 的值不对：'tomorrow'；应为已经过去的日期和时间，如 '2026-11-20 14:30'",
        ),
        (
            ["transcribe", "a.wav", "-f", "doc"],
            "选项 '--format' / '-f' 的值不对：'doc' 不在可选范围内：txt, srt, vtt, json",
        ),
        (
            ["run", "--title", "\udcd6\udcdc"],
            r"选项 '--title' 的值不对：'\xd6\xdc' 不是 UTF-8：请让终端或写这条命令的程序用 UTF-8",
        ),
    ],
)
def test_what_is_wrong_with_a_command(arguments: list[str], told: str) -> None:
    assert rows(*arguments)[-2] == told


def test_around_an_error_it_is_said_where_help_is() -> None:
    assert rows("run", "more") == [
        "Usage: streamer run [OPTIONS]",
        "运行 'streamer run --help' 查看帮助。",
        "错误",
        "多余的参数：more",
        "",
    ]


def test_in_english_it_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    assert rows("run", "more")[-2] == "Got unexpected extra argument(s) (more)"


def test_help_is_no_error() -> None:
    assert "Live captions and minutes for Mandarin meetings." in CliRunner().invoke(app, []).output
