"""Reported figures of the language stage: what an exported file and the trigram write on the test meetings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from streamer.errors import MissingDependencyError
from streamer.settings.recognizer import RecognizerSettings
from streamer.system.installation import install_command
from streamer.training.confusions import simulated_confusions
from streamer.training.language_corpus import LanguageCorpus
from streamer.training.language_evaluate import REPORTED_RATES, heard, sentences
from streamer.training.trigram import CharacterTrigram, trigram_error_rate


def exported_error_rates(
    path: Path, corpus: LanguageCorpus, rates: Sequence[float] = REPORTED_RATES
) -> dict[float, float]:
    """Share of wrong syllables → share of wrong characters, one utterance at a time as in the recogniser.

    Args:
        path: an exported ONNX file of dynamic length.
        corpus: prepared texts and tables.
        rates: shares of wrong syllables.
    """
    try:
        from streamer.asr.runners.onnx import OnnxRunner  # noqa: PLC0415 - ONNX Runtime is optional here
    except ImportError as error:
        raise MissingDependencyError(f"onnxruntime is missing: {install_command('train')}") from error
    confusions, clean = simulated_confusions(corpus.acoustic), sentences(corpus.test)
    found: dict[float, float] = {}
    with closing(OnnxRunner(path, RecognizerSettings(threads=1))) as runner:
        given = runner.inputs[0].name
        for rate in rates:
            wrong = 0
            for syllables, characters in heard(clean, confusions, rate):
                (ids,) = runner.run({given: syllables[None].astype(np.int32)})["ids"]
                wrong += int((ids[1:] != characters).sum())
            found[rate] = wrong / max(1, sum(len(characters) for _, characters in clean))
    return found


def trigram_error_rates(corpus: LanguageCorpus, rates: Sequence[float] = REPORTED_RATES) -> dict[float, float]:
    """The same for a character trigram of the same texts, which is told the share and kind of errors."""
    trigram = CharacterTrigram.train(list(corpus.training.values()), len(corpus.language) + 1, len(corpus.acoustic))
    confusions, clean = simulated_confusions(corpus.acoustic), sentences(corpus.test)
    return {
        rate: trigram_error_rate(trigram, heard(clean, confusions, rate), trigram.channel(confusions, max(rate, 1e-4)))
        for rate in rates
    }
