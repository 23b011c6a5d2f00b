"""Settings of the beam search."""

from __future__ import annotations

from typing import Annotated

import msgspec


class SearchSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[recognizer.search]``, and ``[search]`` of a pack's manifest: how far the search goes and what decides in it.

    Weights and bonuses are natural logarithms; they fit one pack's models, which is why packs bring their own.
    """

    beam: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 8
    """Syllable sequences kept after every step."""
    second_hearing: Annotated[int, msgspec.Meta(ge=0, le=8)] = 0
    """Feature frames (of 10 ms) by which the sound of a final is heard later a second time: the search goes through the
    mean of both hearings. Costs one more run of the acoustic model for every final; 0 for one hearing. Of partials
    every other one is heard so much later, and read together with the one before."""
    partial_beam: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 8
    """The same while an utterance grows and is searched again and again; ``beam`` where that is less."""
    tokens_per_step: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    """Syllables considered at every step."""
    margin: Annotated[float, msgspec.Meta(gt=0.0, le=1000.0)] = 8.0
    """Sequences whose score is so far below the best one's are not kept: the search is narrow where the sound is clear,
    and ``beam`` wide where it is not."""
    blank_skip: Annotated[float, msgspec.Meta(gt=0.5, le=1.0)] = 0.99
    """Steps whose blank is more probable than this are not searched: in such pauses sequences with the same future
    become one. 1 to search all, and keep them apart."""
    syllable_lm_weight: Annotated[float, msgspec.Meta(ge=0.0, le=5.0)] = 0.8
    """How much the pack's syllable trigram counts; 0 for none."""
    prior_weight: Annotated[float, msgspec.Meta(ge=0.0, le=2.0)] = 0.0
    """How much of the pack's acoustic prior is taken out where the trigram counts: what the acoustic model expects to
    be said because it was said in training; 0 for nothing."""
    alikes_weight: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.0
    """How much sounds count, where the trigram counts, for others that they are easily taken for: factor on the shares
    of the pack's table of alike sounds; 0 for nothing."""
    length_bonus: Annotated[float, msgspec.Meta(ge=-10.0, le=10.0)] = 2.5
    """Added to a sequence's score for every syllable where the trigram counts, which prefers short sequences; higher
    values delete less and insert more."""
    unbroken_bonus: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.0
    """Added besides in finals of speech that is cut by force: where nobody pauses, syllables are missed far more often
    than made up."""
    sentence_margin: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 4.0
    """How far syllable sequences may be behind the best one to be judged by the pack's sentence model at the final; 0:
    none is."""
    partial_sentence_margin: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 0.0
    """The same for partials of four syllables and more."""
    sentence_weight: Annotated[float, msgspec.Meta(ge=0.0, le=5.0)] = 0.0
    """How much its log-probabilities count; 0 for none."""
    sentence_bonus: Annotated[float, msgspec.Meta(ge=-10.0, le=10.0)] = 0.0
    """Added with them for every syllable, against their preference for short sequences."""
    n_best: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    """Syllable sequences that the language stage writes out at the final; the best joint score wins."""
    n_best_margin: Annotated[float, msgspec.Meta(gt=0.0, le=1000.0)] = 2.0
    """Sequences whose score is so far below the best one's are not written out."""
    language_weight: Annotated[float, msgspec.Meta(ge=0.0, le=5.0)] = 0.3
    """How much the characters' log-probabilities count in that choice."""
    language_bonus: Annotated[float, msgspec.Meta(ge=-10.0, le=10.0)] = 0.0
    """Added in that choice for every character, against its preference for short sequences."""
    hotword_bonus: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 2.0
    """Added for every syllable of a hotword of weight 1."""
    hotword_writing: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 2.0
    """How much less probable than the language stage's own characters those of a hotword may be where its syllables
    were heard, a character and unit of weight."""
