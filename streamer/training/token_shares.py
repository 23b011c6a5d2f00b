"""How often each acoustic token is said in the training sound: the acoustic prior of a pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from streamer.training.shards import no_sound, read_index

_UNSEEN = 2e-4
"""Added to every share before they are made to sum to 1. On tune.tsv best of 5e-5, 2e-4 and 6e-4."""


def token_shares(corpus: Path, sources: Mapping[str, float], tokens: Sequence[str]) -> npt.NDArray[np.float64]:
    """``(tokens,)`` share of each token in what training hears, above 0; they sum to 1.

    Args:
        corpus: folder of shards.
        sources: share of each shard in training; shards that are not there are left out.
        tokens: the acoustic table.

    Raises:
        SettingsError: none of the shards is there.
    """
    places = {token: place for place, token in enumerate(tokens)}
    shares = np.full(len(tokens), _UNSEEN)
    indexes = {name: corpus / f"{name}.jsonl" for name in sources}
    found = {name: path for name, path in indexes.items() if path.exists()}
    if not found:
        raise no_sound(corpus, sources)
    whole = sum(sources[name] for name in found)
    for name, path in found.items():
        said = [places[token] for clip in read_index(path) for token in clip.tokens if token in places]
        shares += sources[name] / whole * np.bincount(said, minlength=len(tokens)) / max(len(said), 1)
    return np.asarray(shares / shares.sum(), np.float64)
