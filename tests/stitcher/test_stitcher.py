from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.stitcher import Stitcher
from streamer.types import SAMPLE_RATE, EndReason, Segment, Token
from tests.stitcher.stitching import STARTED, feed, final, partial, spoken, stitcher, utterance


def test_final_becomes_a_segment_with_the_utterance_s_id_and_span() -> None:
    heard = utterance(3, start=2 * SAMPLE_RATE, end_reason=EndReason.SILENCE)
    (segment,) = stitcher().push(heard, final(heard, spoken("你好", heard.start_sample)))

    assert segment == Segment(
        id=3,
        revision=0,
        start_sample=heard.start_sample,
        end_sample=heard.end_sample,
        started_at=STARTED + timedelta(seconds=2),
        text="你好",
        spoken="你好",
        stable_length=2,
        tokens=spoken("你好", heard.start_sample),
        is_final=True,
        end_reason=EndReason.SILENCE,
    )


def test_what_two_hypotheses_agree_on_is_stable() -> None:
    segments = feed(stitcher(), utterance(), "你豪", "你好吗", "你好马上")

    assert [(segment.spoken, segment.stable_length) for segment in segments] == [("你豪", 0), ("你豪", 1), ("你好", 2)]


def test_stable_text_stays_when_later_partials_differ() -> None:
    segments = feed(stitcher(), utterance(), "今天", "今天开会", "金天开会了", "金天开会了")

    assert segments[-1].spoken == "今天开会了"
    assert segments[-1].stable_length == 5


def test_hypotheses_of_two_packs_are_never_mixed() -> None:
    stitch, heard = stitcher(), utterance()
    feed(stitch, heard, "今天开", "今天开会")
    other = [
        replace(partial(heard, spoken(text), revision), pack="fallback")
        for revision, text in enumerate(("金天开会了", "金天开会了吧"), start=2)
    ]
    (first,), (second,) = (stitch.push(heard, hypothesis) for hypothesis in other)

    assert (first.spoken, first.stable_length) == ("金天开会了", 0)
    assert (second.spoken, second.stable_length) == ("金天开会了", 5)


def test_a_pause_decoded_ahead_is_shown_whole() -> None:
    stitch, heard = stitcher(), utterance()
    feed(stitch, heard, "今天")
    paused = replace(heard, end_reason=EndReason.SILENCE)
    (segment,) = stitch.push(paused, partial(paused, spoken("今天开会"), revision=1))

    assert (segment.spoken, segment.stable_length, segment.is_final) == ("今天开会", 2, False)


def test_text_that_convinces_nobody_waits_for_better_evidence_or_its_final() -> None:
    heard = utterance(end_reason=EndReason.SILENCE)
    doubtful = [replace(partial(heard, spoken(text), at), is_convincing=False) for at, text in enumerate("八发")]
    stitch = stitcher()

    assert [stitch.push(utterance(), hypothesis) for hypothesis in doubtful] == [(), ()]
    assert [segment.text for segment in stitch.push(utterance(), partial(heard, spoken("发现"), 2))] == ["发现"]
    assert [segment.text for segment in stitcher().push(heard, final(heard, spoken("八")))] == ["八"]


def test_text_that_is_shown_goes_on_whether_or_not_what_follows_convinces() -> None:
    stitch = stitcher()
    stitch.push(utterance(), partial(utterance(), spoken("发现")))
    doubtful = [replace(partial(utterance(), spoken("发现了"), revision), is_convincing=False) for revision in (1, 2)]

    assert [segment.text for hypothesis in doubtful for segment in stitch.push(utterance(), hypothesis)][-1] == "发现了"


def test_newest_syllable_is_not_stable() -> None:
    segments = feed(stitcher(stable_tail_ms=300), utterance(syllables=4), "今天开会", "今天开会")

    assert segments[-1].stable_length == 2


def test_final_may_change_stable_text() -> None:
    stitch, heard = stitcher(), utterance(end_reason=EndReason.SILENCE)
    feed(stitch, heard, "今天", "今天")
    (segment,) = stitch.push(heard, final(heard, spoken("金天")))

    assert (segment.spoken, segment.revision, segment.is_final) == ("金天", 2, True)


def test_partial_that_changes_nothing_gives_nothing() -> None:
    assert len(feed(stitcher(), utterance(), "今", "今", "今")) == 2


def test_empty_final_takes_back_what_was_shown() -> None:
    stitch, heard = stitcher(), utterance()
    feed(stitch, heard, "嗯")
    (segment,) = stitch.push(heard, final(heard, ()))

    assert (segment.text, segment.is_final) == ("", True)


def test_utterance_without_text_gives_no_segment() -> None:
    stitch, heard = stitcher(), utterance()

    assert stitch.push(heard, partial(heard, ())) == ()
    assert stitch.push(heard, final(heard, ())) == ()


def test_late_hypotheses_are_ignored() -> None:
    stitch, heard = stitcher(), utterance()
    stitch.push(heard, partial(heard, spoken("今天"), revision=5))

    assert stitch.push(heard, partial(heard, spoken("今"), revision=4)) == ()
    assert len(stitch.push(heard, final(heard, spoken("今天"), revision=5))) == 1
    assert stitch.push(heard, partial(heard, spoken("今天开"), revision=6)) == ()


def test_utterance_before_needs_its_final_first() -> None:
    stitch, heard = stitcher(), utterance()
    feed(stitch, heard, "今")

    with pytest.raises(ValueError, match="utterance 2 came before the final of utterance 1"):
        feed(stitch, utterance(2), "天")


def test_hypothesis_of_another_utterance_is_refused() -> None:
    with pytest.raises(ValueError, match="hypothesis of utterance 2 given for utterance 1"):
        stitcher().push(utterance(1), partial(utterance(2), ()))


def test_finish_keeps_what_was_shown() -> None:
    stitch, heard = stitcher(), utterance()
    feed(stitch, heard, "今天")
    (segment,) = stitch.finish()

    assert (segment.spoken, segment.is_final, segment.end_reason) == ("今天", True, EndReason.STOP)
    assert stitch.finish() == ()
    assert stitch.push(heard, partial(heard, spoken("今天开"), revision=9)) == ()


class MarkingFinisher:
    """Shows what it was given."""

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        return f"{before}|{''.join(token.text for token in tokens)}…"

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        return "".join(token.text for token in tokens) + ("。" if sentence_may_end else "")


def test_finisher_writes_the_text() -> None:
    stitch = Stitcher(lambda _: STARTED, finisher=MarkingFinisher())
    first = utterance(1, end_reason=EndReason.SILENCE)
    second = utterance(2, start=first.end_sample, end_reason=EndReason.FORCED)

    assert [segment.text for segment in feed(stitch, first, "今")] == ["|今…"]
    assert [segment.text for segment in stitch.push(first, final(first, spoken("今天")))] == ["今天。"]
    assert [segment.text for segment in feed(stitch, second, "开")] == ["今天。|开…"]
    assert [segment.text for segment in stitch.push(second, final(second, spoken("开会")))] == ["开会"]


def test_the_next_text_follows_the_last_one_that_there_was_not_what_was_taken_back() -> None:
    class Finisher(MarkingFinisher):
        def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
            return "今天。" if tokens else ""

    stitch = Stitcher(lambda _: STARTED, finisher=Finisher())
    first, coughed, second = (utterance(number, start=number * SAMPLE_RATE) for number in (1, 2, 3))
    stitch.push(first, final(first, spoken("今天")))
    feed(stitch, coughed, "嗯")
    (taken_back,) = stitch.push(coughed, final(coughed, ()))

    assert taken_back.text == ""
    assert [segment.text for segment in feed(stitch, second, "开")] == ["今天。|开…"]
