from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks import text
from benchmarks.marks import MarkScore, held_out_meetings, mark_scores
from streamer.text.punctuation import MARKS
from streamer.training.text_corpus import Passage
from tests.benchmarks.test_decoding import folder

__all__ = ["folder"]

PASSAGES = [
    Passage("你好吗", ("ni3", "hao3", "ma5"), ("", "，", "？")),
    Passage("一二", ("yi1", "er4"), ("、", "")),
]


def always(mark: str, characters: Sequence[str]) -> npt.NDArray[np.float32]:
    """Scores that choose one mark everywhere."""
    return np.eye(len(MARKS), dtype=np.float32)[[MARKS.index(mark)] * len(characters)]


def test_marks_are_counted_each_together_and_at_all() -> None:
    scores = mark_scores(lambda characters, _: always("，", characters), PASSAGES, pauses=False)

    # Five characters, of which the last one is not judged: its passage ends without a mark.
    assert scores == [
        MarkScore("，", 1, 0.25, 1.0, 0.4),
        MarkScore("。", 0, 0.0, 0.0, 0.0),
        MarkScore("？", 1, 0.0, 0.0, 0.0),
        MarkScore("！", 0, 0.0, 0.0, 0.0),
        MarkScore("、", 1, 0.0, 0.0, 0.0),
        MarkScore("，、", 2, 0.5, 1.0, 2 / 3),
        MarkScore("any", 3, 0.75, 1.0, 6 / 7),
    ]


def test_only_simulated_pauses_are_given() -> None:
    given: list[float] = []

    def judge(characters: Sequence[str], pauses: Sequence[float]) -> npt.NDArray[np.float32]:
        given.extend(pauses)
        return always("", characters)

    mark_scores(judge, PASSAGES, pauses=False)

    assert given == [0.0] * 5

    mark_scores(judge, PASSAGES * 40, pauses=True)

    assert any(given[5:])


def test_held_out_meetings_are_those_of_the_configuration(tmp_path: Path) -> None:
    pytest.importorskip("pypinyin")
    (tmp_path / "meetings.txt").write_text("# 60_0\n你好。\n\n# 61_0\n再见。\n", encoding="utf-8")
    (tmp_path / "meetings_2.txt").write_text("# 188_3\n好吗？\n", encoding="utf-8")

    assert [passage.characters for passage in held_out_meetings(tmp_path)] == ["你好", "好吗"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "punctuation"], "punctuation needs --texts"),
        (["--only", "decoding"], "decoding needs --data"),
        (["--only", "punctuation", "--texts", "nowhere"], "--texts nowhere has no meetings.txt; expected the folder"),
    ],
)
def test_missing_data_is_named(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        text.main(arguments)

    assert message in capsys.readouterr().err


def test_numbers_need_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    text.main(["--only", "numbers", "--json"])

    numbers = json.loads(capsys.readouterr().out)["numbers"]
    assert numbers["cases"] >= 200
    assert numbers["right"] == numbers["cases"]


def test_wrong_numbers_are_listed(tmp_path: Path) -> None:
    (tmp_path / "cases.tsv").write_text("# numbers\n二十五\t25\n三\tIII\n", encoding="utf-8")

    report = text.number_report(tmp_path / "cases.tsv")

    assert (report.cases, report.right, report.wrong) == (2, 1, [("三", "III", "三")])


# jieba's, at its import
@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated")
def test_reports_every_way_of_decoding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--only", "decoding", "--data", str(folder), "--pack", str(folder / "tones")]
    text.main([*arguments, "--json"])

    report = json.loads(capsys.readouterr().out)["decoding"]
    rates = {row["decoding"]: row["cer"]["value"] for row in report["rows"]}
    ways = ("greedy", "beam", "beam + n-gram", "+ sentence model", "n-best joint", "+ hotwords", "+ 10,000 hotwords")
    assert rates == dict.fromkeys(ways, pytest.approx(1 / 6))
    assert (report["calibration_error"], report["doubts"]) == (None, None)

    text.main(arguments)

    shown = capsys.readouterr().out
    assert "n-best joint" in shown
    assert "the pack has no confidences" in shown
