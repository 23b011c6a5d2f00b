"""How often the acoustic model met each token in training: what its scores hold besides the sound.

A model trained on few texts expects their words. Where a language model says what is likely, that expectation is taken
out again, as hybrid recognisers divide by the prior of their states (Bourlard and Morgan, "Connectionist Speech
Recognition", 1994) and as CTC's labels are divided by theirs (Miao et al. 2015, "EESEN").
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from streamer.asr.modelpack import ModelPack
from streamer.errors import PackError
from streamer.settings.search import SearchSettings

Scores = npt.NDArray[np.float32]


def save_acoustic_prior(path: Path, shares: npt.NDArray[np.float64]) -> None:
    """Write the file of a pack.

    Args:
        path: the file, ``.npy``.
        shares: ``(tokens,)`` share of each token of the acoustic table in training, above 0; they sum to 1.
    """
    np.save(path, np.log(shares).astype(np.float32), allow_pickle=False)


def load_acoustic_prior(path: Path, *, tokens: int, blank_id: int) -> Scores:
    """What is to be subtracted from log-probabilities, natural logarithms: how much more likely than usual a token was.

    Args:
        path: the file.
        tokens: size of the acoustic token table.
        blank_id: column of the blank, for which nothing is subtracted.

    Returns:
        ``(tokens + 1,)``; 0 on average over what was spoken in training, so that sequences stay as long as they were.

    Raises:
        PackError: the file is missing or damaged, or was made for another token table.
    """
    try:
        with path.open("rb") as file:
            logarithms = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PackError(f"{path} is no acoustic prior: {error}; reinstall the model pack") from error
    if logarithms.dtype != np.float32 or logarithms.shape != (tokens,) or not np.isfinite(logarithms).all():
        raise PackError(
            f"{path} holds {logarithms.dtype} of shape {logarithms.shape}, expected {tokens} finite float32, one for "
            "each token of the acoustic table; reinstall the model pack"
        )
    usual = float((np.exp(logarithms) * logarithms).sum())
    return np.insert(logarithms - usual, blank_id, 0.0).astype(np.float32)


def weighted_prior(pack: ModelPack, tokens: int, settings: SearchSettings | None) -> Scores | None:
    """What a search with these settings subtracts; None where it does not, or the pack has no prior.

    Raises:
        PackError: as :func:`load_acoustic_prior`.
    """
    path = pack.resource("acoustic_prior")
    if path is None or settings is None or not settings.prior_weight:
        return None
    prior = load_acoustic_prior(path, tokens=tokens, blank_id=pack.manifest.acoustic.blank_id)
    return np.float32(settings.prior_weight) * prior
