from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import StoreError, SummaryError
from streamer.settings import load_settings
from tests.disks import locked, remount, small_disk
from tests.meeting.kept import folder_of, hold
from tests.meeting.material import START, STARTED, final
from tests.summary.server import chat_server

ID = STARTED.meeting_id
HOSTILE = {
    "overview": "# 标题\n<script>x</script> [点我](http://evil)\x1b[2J",
    "decisions": [{"text": "批准*20万*", "lines": [2]}],
}


def summarize(tmp_path, url: str, *more: str, part_characters: int = 6000):
    config = tmp_path / "config.toml"
    config.write_text(
        f'[summary]\nbase_url = "{url}"\nmodel = "qwen"\nretries = 0\npart_characters = {part_characters}\n',
        encoding="utf-8",
    )
    command = ["summarize", ID, "--data-dir", str(tmp_path / "data"), "--config", str(config), *more]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def test_the_summary_is_shown_and_put_into_the_minutes_as_text_only(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    hold(tmp_path / "data")
    with chat_server(lambda visit: visit.say(json.dumps(HOSTILE))) as server:
        shown = summarize(tmp_path, server.url).stdout

    assert "由语言模型 qwen 生成" in shown
    assert "\x1b" not in shown
    folder = folder_of(tmp_path / "data")
    markdown = (folder / "minutes.md").read_text(encoding="utf-8")
    assert "## 摘要" in markdown
    assert "\\# 标题" in markdown
    assert "\\<script>x\\</script> \\[点我\\](http\\://evil)" in markdown
    assert "批准\\*20万\\*" in markdown
    assert "\x1b" not in markdown
    assert "批准*20万*" in json.loads((folder / "minutes.json").read_text(encoding="utf-8"))["summary"]


@pytest.mark.usefixtures("english")
def test_the_screen_speaks_the_locales_language_the_minutes_their_own(tmp_path):
    hold(tmp_path / "data")
    shown = summarize(tmp_path, "http://127.0.0.1:1/v1", "--extract").stdout

    second = f"{(START + timedelta(seconds=2)).astimezone():%H:%M:%S}"
    assert shown.splitlines()[1:] == [
        "Excerpts:", f"· 今年预算是20万。 ({second})"
    ]  # fmt: skip
    assert "摘录：" in (folder_of(tmp_path / "data") / "minutes.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("english")
def test_the_summary_is_shown_again_in_the_screens_language(tmp_path):
    hold(tmp_path / "data")
    told = summarize(tmp_path, "http://127.0.0.1:1/v1", "--extract").stdout.splitlines()
    command = ["meetings", "show", ID, "--data-dir", str(tmp_path / "data")]
    shown = CliRunner().invoke(app, command, catch_exceptions=False).stdout.splitlines()

    assert shown[1 : 1 + len(told)] == told


def test_the_summary_in_the_minutes_is_in_the_language_that_the_meeting_was_held_with(tmp_path):
    hold(tmp_path / "data", settings=load_settings(overrides={"minutes": {"language": "en"}}))
    summarize(tmp_path, "http://127.0.0.1:1/v1", "--extract")

    assert "Excerpts:" in (folder_of(tmp_path / "data") / "minutes.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("english")
def test_a_summary_of_text_that_has_changed_since_is_shown_with_that(tmp_path):
    hold(tmp_path / "data")
    options = ["--data-dir", str(tmp_path / "data")]
    told = f"(The text has changed since; `streamer summarize {ID} --data-dir {tmp_path / 'data'}` sums it up anew.)"

    def said(*command: str) -> tuple[bool, bool]:
        """Whether the screen and the minutes say so after a command."""
        CliRunner().invoke(app, [*command, *options], catch_exceptions=False)
        shown = CliRunner().invoke(app, ["meetings", "show", ID, *options], catch_exceptions=False).stdout
        minutes = (folder_of(tmp_path / "data") / "minutes.md").read_text(encoding="utf-8")
        return told in shown.splitlines(), "（此后文字有改动。）" in minutes

    assert said("summarize", ID, "--extract") == (False, False)
    assert said("meetings", "edit", ID, "2", "今年预算是30万。") == (True, True)
    assert said("summarize", ID, "--extract") == (False, False)
    assert said("meetings", "edit", ID, "2", "--undo") == (True, True)


def test_json_for_programs(tmp_path):
    hold(tmp_path / "data")
    with chat_server(lambda visit: visit.say(json.dumps(HOSTILE))) as server:
        found = json.loads(summarize(tmp_path, server.url, "--json").stdout)
    assert (found["id"], found["origin"], found["source"]) == (ID, "model", "qwen")
    assert found["decisions"] == [{"text": "批准*20万*", "lines": [2], "owner": "", "due": ""}]


def test_an_endpoint_that_is_down_changes_nothing(tmp_path):
    hold(tmp_path / "data")
    before = (folder_of(tmp_path / "data") / "minutes.md").read_text(encoding="utf-8")
    with pytest.raises(SummaryError, match=r"cannot reach http://127\.0\.0\.1:1/v1/chat/completions"):
        summarize(tmp_path, "http://127.0.0.1:1/v1")
    assert (folder_of(tmp_path / "data") / "minutes.md").read_text(encoding="utf-8") == before


@pytest.mark.usefixtures("english")
def test_what_a_model_has_answered_is_kept_when_a_later_answer_fails(tmp_path):
    hold(tmp_path / "data", *(final(number, "今年预算是二十万。" * 40, number, number + 0.9) for number in range(1, 6)))
    kept = folder_of(tmp_path / "data") / ".answers.json"
    said = [lambda visit: visit.say(json.dumps({"overview": "预算"}))] * 2
    with chat_server(*said, lambda visit: visit.answer(403, b"no credit")) as server:
        with pytest.raises(SummaryError, match=r"\nwhat it has answered is kept \(2\): the same"):
            summarize(tmp_path, server.url, part_characters=500)
        assert (kept.exists(), len(server.bodies)) == (True, 3)
        server.acts = said
        assert "预算" in summarize(tmp_path, server.url, part_characters=500).stdout
        assert (kept.exists(), len(server.bodies)) == (False, 3 + 4), "three parts, and all of them merged"


def test_a_summary_that_cannot_be_kept_is_shown_all_the_same(tmp_path):
    """A model's answer took its time, and may have cost money."""
    with small_disk(tmp_path / "data", "8m") as data_dir:
        hold(data_dir)
        remount(data_dir, "ro")
        with chat_server(lambda visit: visit.say(json.dumps({"overview": "预算批准了。"}))) as server:
            config = tmp_path / "config.toml"
            config.write_text(f'[summary]\nbase_url = "{server.url}"\nmodel = "qwen"\n', encoding="utf-8")
            outcome = CliRunner().invoke(app, ["summarize", ID, "--data-dir", str(data_dir), "--config", str(config)])

    assert isinstance(outcome.exception, StoreError)
    assert str(outcome.exception).startswith(
        "the summary is shown here only, and could not be kept: the meeting store "
    )
    assert "预算批准了。" in outcome.stdout


def test_where_the_minutes_cannot_be_written_the_summary_is_stored_and_that_is_said(tmp_path):
    hold(tmp_path)
    folder = folder_of(tmp_path)
    with locked(folder):
        outcome = CliRunner().invoke(app, ["summarize", ID, "--extract", "--data-dir", str(tmp_path)])

    assert str(outcome.exception) == (
        f"the minutes in {folder} cannot be written: Permission denied; what was changed is stored all the same: "
        f"`streamer meetings export {ID} --data-dir {tmp_path} --out FOLDER` writes it elsewhere, and the next change "
        "writes the minutes once that is mended"
    )
    CliRunner().invoke(app, ["meetings", "export", ID, "--data-dir", str(tmp_path), "--out", str(tmp_path)])
    assert outcome.stdout.splitlines()[-1][:8] in next(tmp_path.glob("*.md")).read_text(encoding="utf-8")


def test_an_extract_needs_no_endpoint(tmp_path):
    hold(tmp_path / "data")
    found = json.loads(summarize(tmp_path, "http://127.0.0.1:1/v1", "--extract", "--json").stdout)
    assert found["origin"] == "extract"
    assert [item["lines"] for item in found["excerpts"]] == [[2]]
