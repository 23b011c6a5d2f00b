from __future__ import annotations

import json

import pytest

from streamer.errors import SummaryError
from streamer.summary.answers import Answers
from streamer.summary.endpoint import ChatEndpoint
from streamer.summary.summarizing import summarize_with
from streamer.summary.values import Item, Origin, Summary
from tests.disks import remount, small_disk
from tests.summary.asking import LINES
from tests.summary.server import Visit, chat_server

REQUEST = [{"role": "user", "content": "你好"}]
SUMMARY = Summary(Origin.MODEL, "qwen", "讨论了预算。", topics=(Item("预算", (1, 2)),))


def test_an_answer_is_found_by_its_request(tmp_path):
    path = tmp_path / "answers.json"
    Answers(path, "here qwen").add(REQUEST, SUMMARY)

    again = Answers(path, "here qwen")
    assert (again.find(REQUEST), len(again)) == (SUMMARY, 1)
    assert again.find([{"role": "user", "content": "再见"}]) is None
    assert Answers(path, "elsewhere qwen").find(REQUEST) is None
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_answers_of_a_summary_that_is_made_are_forgotten(tmp_path):
    answers = Answers(tmp_path / "answers.json", "here qwen")
    answers.forget()
    answers.add(REQUEST, SUMMARY)
    answers.forget()

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_another_form_is_begun_anew(tmp_path, caplog):
    (tmp_path / "answers.json").write_text("[1", encoding="utf-8")
    answers = Answers(tmp_path / "answers.json", "here qwen")
    answers.add(REQUEST, SUMMARY)

    assert caplog.messages[0].startswith(f"earlier answers are asked for again: {tmp_path}/answers.json: ")
    assert len(Answers(tmp_path / "answers.json", "here qwen")) == 1


def test_a_disk_that_refuses_is_told_of_once(tmp_path, caplog):
    with small_disk(tmp_path / "disk", "1m") as disk:
        remount(disk, "ro")
        answers = Answers(disk / "answers.json", "here qwen")
        for number in range(2):
            answers.add([{"content": str(number)}], SUMMARY)

    assert caplog.messages == [f"answers cannot be kept in {disk}/answers.json: Read-only file system"]
    assert len(answers) == 2


def test_of_an_answer_that_finds_no_room_nothing_is_left(tmp_path):
    with small_disk(tmp_path / "disk", "16k") as disk:
        answers = Answers(disk / "answers.json", "here qwen")
        answers.add(REQUEST, SUMMARY)
        answers.add([{"content": "long"}], Summary(Origin.MODEL, "qwen", "长" * 10_000))

        assert list(disk.iterdir()) == [disk / "answers.json"]
        assert len(Answers(disk / "answers.json", "here qwen")) == 1


def test_a_summary_goes_on_where_it_failed(tmp_path):
    """What fails for good is the merging: all parts are known the next time."""

    def part_or(merge):
        def act(visit: Visit) -> None:
            if "请合并" in visit.body["messages"][1]["content"]:
                merge(visit)
            else:
                visit.say(json.dumps({"overview": "好", "topics": ["预算"]}))

        return act

    def summed_up(merge) -> tuple[Summary | str, int]:
        with chat_server(part_or(merge)) as server:
            endpoint = ChatEndpoint(server.settings())
            try:
                answers = Answers(tmp_path / "answers.json", "qwen")
                return summarize_with(endpoint, "周会", LINES, 200, None, answers), len(server.bodies)
            except SummaryError as error:
                return str(error).partition(" answered ")[2].partition(":")[0], len(server.bodies)
            finally:
                endpoint.close()

    merged = Summary(Origin.MODEL, "qwen", "都好")
    assert summed_up(lambda visit: visit.answer(403, b"no credit")) == ("403", 4)
    assert summed_up(lambda visit: visit.say(json.dumps({"overview": "都好"}))) == (merged, 2)
    assert summed_up(lambda visit: visit.answer(403, b"")) == (merged, 0)


@pytest.mark.parametrize("answer", ["讨论了预算。", '{"overview": "预算批'])
def test_an_answer_in_another_form_is_not_kept(tmp_path, answer):
    answers = Answers(tmp_path / "answers.json", "qwen")
    with chat_server(lambda visit: visit.say(answer)) as server:
        endpoint = ChatEndpoint(server.settings())
        try:
            summarize_with(endpoint, "周会", LINES, 6000, None, answers)
        except SummaryError:
            pass
        finally:
            endpoint.close()

    assert len(answers) == 0
