"""Sentences for the synthesisers, drawn from text corpora."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streamer.errors import SettingsError
from streamer.training.language_settings import read_language_settings
from streamer.training.provenance import DevTexts
from streamer.training.sentences import Sentence, choose_sentences
from streamer.training.settings import PathSettings, SynthSettings
from streamer.training.spoken_form import BREAK, spoken_form
from streamer.training.text_corpus import Corpus, read_texts


def draw_sentences(paths: PathSettings, synth: SynthSettings, dev: DevTexts) -> list[Sentence]:
    """The sentences that the synthesisers speak."""
    if not synth.sentences:
        return []
    return _drawn(synth.corpora, synth.sentences, paths, synth, dev)


def draw_speaker_sentences(
    paths: PathSettings, synth: SynthSettings, dev: DevTexts, sentences: list[Sentence]
) -> list[Sentence]:
    """The sentences that Kokoro's speakers speak, clear of those that Kokoro speaks otherwise.

    Args:
        paths: where the texts are.
        synth: how many, and from which corpora: without corpora of their own, the speakers speak the ones before
            Kokoro's others, the last one first.
        dev: the evaluation texts to keep clear of.
        sentences: what :func:`draw_sentences` drew.
    """
    if not synth.kokoro_speakers:
        return []
    if synth.speaker_corpora:
        return _drawn(synth.speaker_corpora, synth.kokoro_speakers, paths, synth, dev)
    last = len(sentences) - synth.kokoro_sentences
    return sentences[max(0, last - synth.kokoro_speakers) : last][::-1]


def _drawn(
    shares: Mapping[str, float], count: int, paths: PathSettings, synth: SynthSettings, dev: DevTexts
) -> list[Sentence]:
    packages = _package_corpora(synth) if any(not _has_file(paths, name) for name in shares) else {}
    corpora = [(_lines(name, paths, packages), share) for name, share in shares.items()]
    return choose_sentences(corpora, dev, count, synth.seed)


def _lines(name: str, paths: PathSettings, packages: Mapping[str, Corpus]) -> Iterable[str]:
    if _has_file(paths, name):
        return (paths.texts / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    if name not in packages:
        raise SettingsError(
            f"no corpus {name!r}: there is no {paths.texts / f'{name}.txt'}, and the language stage knows none of that "
            "name in a package"
        )
    return _read_aloud(packages[name])


def _read_aloud(corpus: Corpus) -> Iterator[str]:
    """The lines of a corpus in spoken form, so that numbers are words."""
    return (part for text in read_texts(corpus) for part in spoken_form(text.written).split(BREAK))


def _package_corpora(synth: SynthSettings) -> dict[str, Corpus]:
    """Corpora of the language stage that lie in packages; the others may hold meetings that are kept for tests."""
    return {corpus.name: corpus for corpus in read_language_settings(synth.language).corpora if corpus.package}


def _has_file(paths: PathSettings, name: str) -> bool:
    return (paths.texts / f"{name}.txt").exists()
