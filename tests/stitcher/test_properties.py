"""What holds of any sentence, however it is cut and misread near the cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from streamer.settings.captions import CaptionSettings
from streamer.stitcher import Stitcher
from streamer.types import SAMPLE_RATE, EndReason, Hypothesis, Segment, Token, Utterance

MS = SAMPLE_RATE // 1000
OVERLAP = 1200 * MS
EDGE = 200 * MS
"""Tokens so near the edge of a reading may be misread."""
thoroughly = limits(max_examples=150, deadline=None)
SYLLABLES = ["dui4", "dui4", "shi4", "shi4", "shi2", "de5", "wo3", "men5", "kai1", "hui4", "ming2", "tian1"]


@dataclass(frozen=True)
class Reading:
    """A sentence cut in two with an overlap, and what was heard of each part."""

    sentence: list[Token]
    left: list[Token]
    right: list[Token]
    seam: int
    left_end: int


def token(syllable: str, start: int, length: int, score: float | None) -> Token:
    return Token(syllable.rstrip("12345"), syllable, start, start + length, score)


@st.composite
def timed(draw: st.DrawFn) -> list[Token]:
    """Any syllables in a row, the same ones again and again; three to six a second."""
    spoken = draw(st.lists(st.tuples(st.sampled_from(SYLLABLES), st.integers(160, 320)), min_size=16, max_size=40))
    return row(spoken, -0.1)


@st.composite
def untimed(draw: st.DrawFn) -> list[Token]:
    """Different tokens, some of them doubled: what can be told apart without times."""
    names = draw(st.permutations("ABCDEFGHIJKLMNOPQRSTUVWX"))
    spoken = [(name, draw(st.integers(160, 320))) for name in names for _ in range(draw(st.sampled_from([1, 1, 1, 2])))]
    return row(spoken, None)


def row(spoken: list[tuple[str, int]], score: float | None) -> list[Token]:
    tokens, at = [], 300 * MS
    for syllable, length in spoken:
        tokens.append(token(syllable, at, length * MS, score))
        at += length * MS
    return tokens


def is_inside(one: Token, start: int, end: int) -> bool:
    return start <= (one.start_sample + one.end_sample) // 2 < end


@st.composite
def readings(draw: st.DrawFn, sentences: st.SearchStrategy[list[Token]], shift_ms: int = 0) -> Reading:
    """Each part is read with times that are a little off; syllables at the cut may be lost or taken for others."""
    sentence = draw(sentences)
    end = sentence[-1].end_sample
    left_end = draw(st.integers(OVERLAP + 1000 * MS, end - 400 * MS))
    seam = left_end - OVERLAP
    misread = st.sampled_from(["", "ma1", "same"])
    jitter = st.integers(-40 * MS, 40 * MS)

    def read(start: int, stop: int, edge: int) -> list[Token]:
        heard = []
        shift = draw(st.integers(-shift_ms * MS, shift_ms * MS))
        for one in sentence:
            if not is_inside(one, start, stop):
                continue
            off = shift + draw(jitter)
            moved = replace(one, start_sample=one.start_sample + off, end_sample=one.end_sample + off)
            # Without times, a doubled syllable of which one is misread cannot be told from a single one.
            is_double = bool(shift_ms) and [other.syllable for other in sentence].count(one.syllable) > 1
            if not is_double and min(abs(one.start_sample - edge), abs(one.end_sample - edge)) < EDGE:
                choice = draw(misread)
                if choice == "":
                    continue
                moved = moved if choice == "same" else replace(moved, syllable=choice, text=choice[:-1])
            heard.append(moved)
        return heard

    return Reading(sentence, read(0, left_end, left_end), read(seam, end + 1, seam), seam, left_end)


def stitch(reading: Reading) -> list[Segment]:
    stitcher = Stitcher(lambda _: datetime(2026, 11, 20, tzinfo=UTC))
    left = Utterance(1, 0, 0, reading.left_end, None, EndReason.FORCED, overlap_after_samples=OVERLAP)
    end = reading.sentence[-1].end_sample
    right = Utterance(2, 0, reading.seam, end, None, EndReason.SILENCE, overlap_samples=OVERLAP)
    return [
        segment
        for utterance, heard in ((left, reading.left), (right, reading.right))
        for segment in stitcher.push(
            utterance,
            Hypothesis(utterance.id, 0, utterance.start_sample, utterance.end_sample, tuple(heard), is_final=True),
        )
        if segment.is_final
    ]


@thoroughly
@given(readings(timed()))
def test_seam_loses_and_doubles_nothing(reading: Reading) -> None:
    found = [one.syllable for segment in stitch(reading) for one in segment.tokens]

    assert found == [one.syllable for one in reading.sentence]


@thoroughly
@given(readings(untimed(), shift_ms=100))
def test_seam_of_untimed_tokens_loses_and_doubles_nothing(reading: Reading) -> None:
    found = [one.syllable for segment in stitch(reading) for one in segment.tokens]

    assert found == [one.syllable for one in reading.sentence]


@st.composite
def partials(draw: st.DrawFn) -> list[tuple[int, list[Token]]]:
    """Snapshots of a growing utterance: each reads its tokens afresh, now and then wrongly."""
    sentence = draw(timed())
    snapshots = []
    end = 0
    for _ in range(draw(st.integers(2, 8))):
        end += draw(st.integers(100, 1500)) * MS
        heard = []
        for one in sentence:
            if one.end_sample > end:
                break
            kind = draw(st.sampled_from(["same"] * 8 + ["", "ma1"]))
            if kind:
                heard.append(one if kind == "same" else replace(one, syllable=kind, text=kind[:-1]))
        snapshots.append((end, heard))
    return snapshots


@thoroughly
@given(partials(), st.sampled_from([0, 200]))
def test_stable_text_only_grows(snapshots: list[tuple[int, list[Token]]], tail_ms: int) -> None:
    stitcher = Stitcher(lambda _: datetime(2026, 11, 20, tzinfo=UTC), CaptionSettings(stable_tail_ms=tail_ms))
    stable, revision = "", -1
    for number, (end, heard) in enumerate(snapshots):
        utterance = Utterance(1, number, 0, end, None)
        for segment in stitcher.push(utterance, Hypothesis(1, number, 0, end, tuple(heard))):
            assert segment.spoken.startswith(stable)
            assert segment.stable_length >= len(stable)
            assert segment.revision == revision + 1
            stable, revision = segment.spoken[: segment.stable_length], segment.revision


@thoroughly
@given(partials())
def test_partials_never_change_a_final(snapshots: list[tuple[int, list[Token]]]) -> None:
    end, heard = snapshots[-1]
    last = Utterance(1, 99, 0, end, None, EndReason.SILENCE)
    final = Hypothesis(1, 99, 0, end, tuple(heard), is_final=True)
    alone = Stitcher(lambda _: datetime(2026, 11, 20, tzinfo=UTC)).push(last, final)
    stitcher = Stitcher(lambda _: datetime(2026, 11, 20, tzinfo=UTC))
    for number, (until, tokens) in enumerate(snapshots):
        stitcher.push(Utterance(1, number, 0, until, None), Hypothesis(1, number, 0, until, tuple(tokens)))
    found = [replace(one, revision=0) for one in stitcher.push(last, final) if one.tokens]

    assert found == [replace(one, revision=0) for one in alone]
