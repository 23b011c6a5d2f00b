"""The punctuation model's teacher, and what is learned from it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from streamer.training import punctuation, punctuation_teacher
from streamer.training.language_corpus import load_language_corpus, prepare_language
from streamer.training.language_settings import ModelSettings, read_language_settings
from streamer.training.language_spans import IGNORED, PADDING
from streamer.training.punctuation import train_punctuation
from streamer.training.punctuation_learning import MarksLesson, PunctuationState, marks_loss
from streamer.training.punctuation_model import PunctuationModel
from streamer.training.punctuation_settings import PunctuationLessons
from streamer.training.punctuation_teacher import TaughtLesson, as_of_meetings, taught_loss
from streamer.training.punctuation_windows import PunctuationBatch, Windows
from streamer.training.spoken_form import MARKS
from tests.training.language_samples import tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("jieba")

COMMA, STOP = MARKS.index("，"), MARKS.index("。")
_TEACHER = """
[punctuation_teacher]
width = 32
layers = 1
heads = 2
feed_forward = 32
context = 3
dropout = 0.0
memory = 13
[punctuation_teacher_training]
tokens_per_batch = 300
steps = 4
warm_up = 1
rate = 0.01
bfloat16 = false
"""


class Constant(PunctuationModel):
    """Gives the same probabilities to every character."""

    def __init__(self, *probabilities: float) -> None:
        super().__init__(ModelSettings(width=4, layers=1, heads=1, feed_forward=4, context=3), 9)
        self.out.weight.data.zero_()
        self.out.bias.data = torch.tensor(probabilities).log()


def batch(styles: list[int], marks: list[list[int]], unmarked: list[bool]) -> PunctuationBatch:
    """Windows of two characters, the last of which has one only."""
    characters = torch.tensor([[1, 2]] * (len(styles) - 1) + [[3, PADDING]])
    silence, flags = torch.zeros(len(styles), 2), torch.tensor(unmarked)
    return PunctuationBatch(
        characters,
        silence,
        torch.tensor(marks),
        torch.tensor(styles),
        flags,
        torch.zeros(len(styles), 2, dtype=torch.bool),
    )


def test_the_marks_count_where_they_are_known() -> None:
    scores = torch.tensor([[[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]]]).log()

    assert float(marks_loss(scores, torch.tensor([[1, IGNORED]]))) == pytest.approx(math.log(2))
    assert float(marks_loss(scores, torch.tensor([[1, 2]]))) == pytest.approx(1.5 * math.log(2))
    assert float(marks_loss(scores, torch.tensor([[IGNORED, IGNORED]]))) == 0.0


def test_the_teacher_counts_at_every_character() -> None:
    scores = torch.tensor([[[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]]]).log()
    probabilities = torch.tensor([[[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]])

    first, both = (taught_loss(scores, probabilities, torch.tensor([[True, second]])) for second in (False, True))
    assert float(first) == pytest.approx(1.5 * math.log(2))
    assert float(both) == pytest.approx(1.75 * math.log(2))


def test_texts_that_are_no_meetings_lose_their_marks_when_judged_as_one() -> None:
    given = batch([0, 1, 2, 2], [[COMMA, STOP], [0, STOP], [COMMA, 0], [STOP, IGNORED]], [False] * 4)
    restyled = as_of_meetings(given, torch.tensor([True, True, False, True]))

    assert restyled.styles.tolist() == [0, 0, 2, 0]
    assert restyled.marks.tolist() == [[COMMA, STOP], [IGNORED] * 2, [COMMA, 0], [IGNORED] * 2]


@pytest.mark.parametrize(
    ("marks_share", "restyled_share", "expected"),
    [
        # The model gives 1/2 to none, 1/4 to commas, 1/16 to each other mark: -log2 of them are 1, 2 and 4.
        (1.0, 0.0, (2 + 4 + 1) / 3),
        (1.0, 1.0, (2 + 4) / 2),
        (0.0, 0.0, 0.5 * 1 + 0.5 * 2),
        (0.25, 1.0, 0.25 * 3 + 0.75 * 1.5),
    ],
)
def test_soft_labels_of_a_fixed_teacher(marks_share: float, restyled_share: float, expected: float) -> None:
    order = {MARKS.index(""): 0.5, COMMA: 0.25}
    model = Constant(*(order.get(index, 0.0625) for index in range(len(MARKS))))
    teacher = Constant(*({MARKS.index(""): 0.5, COMMA: 0.5}.get(index, 0.0) for index in range(len(MARKS))))
    # Scores of 0 probability are -inf: a teacher without doubt, made finite.
    teacher.out.bias.data.clamp_(min=-200)
    lessons = PunctuationLessons(marks_share=marks_share, restyled_share=restyled_share)
    given = batch([0, 2], [[COMMA, STOP], [0, IGNORED]], [False, False])
    loss = TaughtLesson(teacher.eval(), lessons, bfloat16=False)(model.train(), given)

    assert float(loss.detach()) == pytest.approx(expected * math.log(2), rel=1e-5)


def test_at_the_end_of_an_utterance_only_the_text_is_believed() -> None:
    order = {MARKS.index(""): 0.5, COMMA: 0.25}
    model = Constant(*(order.get(index, 0.0625) for index in range(len(MARKS))))
    teacher = Constant(*({STOP: 1.0}.get(index, 0.0) for index in range(len(MARKS))))
    teacher.out.bias.data.clamp_(min=-200)
    lessons = PunctuationLessons(marks_share=0.5, restyled_share=0.0, ended_weight=0.5)
    given = batch([0, 0], [[0, COMMA], [0, IGNORED]], [False, False])
    given.ends[0, 1] = True
    loss = TaughtLesson(teacher.eval(), lessons, bfloat16=False)(model.train(), given)

    # The text's marks have 1, 2 and 1 bits, the teacher's opinion 4 of each of two characters, the end 2.
    assert float(loss.detach()) == pytest.approx((0.5 * 4 / 3 + 0.5 * 4 + 0.5 * 2) * math.log(2), rel=1e-5)


def test_only_the_model_learns_not_its_teacher() -> None:
    model, teacher = (Constant(*[1 / len(MARKS)] * len(MARKS)) for _ in range(2))
    given = batch([0], [[STOP, IGNORED]], [False])
    TaughtLesson(teacher, PunctuationLessons(), bfloat16=False)(model, given).backward()

    assert model.out.bias.grad is not None
    assert all(parameter.grad is None for parameter in teacher.parameters())


def losses(state: PunctuationState, lesson: MarksLesson | TaughtLesson, windows: Windows, steps: int) -> Tensor:
    """Of the steps, in order."""
    found = []
    for _ in range(steps):
        loss = lesson(state.model.train(), windows.draw(300, progress=0.0))
        state.learn(loss, factor=1.0, decay=0.9)
        found.append(loss.detach())
    return torch.stack(found)


def test_the_teacher_learns_and_then_its_pupil(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    config.write_text(config.read_text(encoding="utf-8") + _TEACHER, encoding="utf-8")
    settings = read_language_settings(config)
    corpus = prepare_language(settings)
    torch.manual_seed(0)
    windows = Windows(settings, corpus)
    assert settings.punctuation_teacher is not None
    classes = len(corpus.language) + 1
    course = settings.punctuation_teacher_training
    teacher = PunctuationState.shaped(settings.punctuation_teacher, course, classes)
    pupil = PunctuationState.shaped(settings.punctuation, course, classes)
    told = losses(teacher, MarksLesson(bfloat16=False), windows, 30)
    lesson = TaughtLesson(teacher.average, PunctuationLessons(), bfloat16=False)
    taught = losses(pupil, lesson, windows, 30)

    assert told[-10:].mean() < told[:5].mean() / 2
    assert taught[-10:].mean() < taught[:5].mean() / 2


def test_a_configured_teacher_is_trained_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    text = config.read_text(encoding="utf-8") + _TEACHER
    config.write_text(text, encoding="utf-8")
    train_punctuation(config)
    trained = torch.load(settings.work_folder / punctuation_teacher.CHECKPOINT, weights_only=True)
    config.write_text(text.replace("steps = 2\n", "steps = 3\n"), encoding="utf-8")
    capsys.readouterr()
    train_punctuation(config)
    pupil = torch.load(settings.work_folder / punctuation.CHECKPOINT, weights_only=True)

    assert (trained["step"], pupil["step"]) == (4, 3)
    assert '"model": "punctuation-teacher"' not in capsys.readouterr().out
    corpus = load_language_corpus(settings)
    teacher = punctuation_teacher.train_teacher(read_language_settings(config), corpus)
    assert teacher is not None
    assert torch.equal(teacher.out.weight, trained["average"]["out.weight"])


def test_a_model_that_is_done_needs_neither_teacher_nor_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    train_punctuation(config)
    text = f'device = "cuda"\n{config.read_text(encoding="utf-8")}{_TEACHER}'
    config.write_text(text, encoding="utf-8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    train_punctuation(config)

    assert not (settings.work_folder / punctuation_teacher.CHECKPOINT).exists()
