"""What a microphone does to speech, as far as it is more than voices do, is taken back before the models hear.

The log-mel spectrum that an utterance has on average where it is loud is compared with the usual one of speech. Voices
and words differ a little, and that is to stay; what differs by more than a tolerance is taken for the microphone's, and
a share of it is taken back. A narrower relative of cepstral mean normalisation (B. S. Atal, Journal of the Acoustical
Society of America 55(6), 1974), which takes all of the mean away.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from streamer.asr.mel import MEL_BINS
from streamer.asr.modelpack import ModelPack
from streamer.errors import PackError

Features = npt.NDArray[np.float32]


class Equaliser:
    """Brings the features of an utterance nearer to those of usual speech."""

    def __init__(self, usual: npt.NDArray[np.float32], tolerance: float, share: float) -> None:
        """Prepare.

        Args:
            usual: ``(80,)`` the loud spectrum of usual speech, in the unit of features.
            tolerance: by how much a band may differ from it and stay as it is, in the same unit.
            share: of what it differs by more, how much is taken back.
        """
        self._usual = usual
        self._tolerance = np.float32(tolerance)
        self._share = np.float32(share)

    def equalised(self, features: Features) -> Features:
        """The features ``(frames, 80)`` of a whole utterance with mean 0 and deviation 1, equalised and again so."""
        missing = self._usual - loud_spectrum(features)
        missing -= np.clip(missing, -self._tolerance, self._tolerance)
        changed = features + self._share * missing
        changed -= changed.mean(dtype=np.float64).astype(np.float32)
        changed /= np.sqrt(np.square(changed).mean(dtype=np.float64) + 1e-18).astype(np.float32)
        return changed


def loud_spectrum(features: Features) -> npt.NDArray[np.float32]:
    """The mean ``(80,)`` of the louder half of frames: what is soft is the room and the microphone's noise."""
    levels = features.mean(axis=1)
    middle = len(levels) // 2
    spectrum: npt.NDArray[np.float32] = features[levels >= np.partition(levels, middle)[middle]].mean(axis=0)
    return spectrum


def equaliser_of(pack: ModelPack) -> Equaliser | None:
    """The equaliser that a pack was tuned for; None where it was for none.

    Raises:
        PackError: the usual spectrum is missing or damaged.
    """
    tuned, path = pack.manifest.equaliser, pack.resource("usual_spectrum")
    if tuned is None:
        return None
    if path is None:
        raise PackError(
            f"pack {pack.label} has a table [equaliser] and no usual spectrum to compare with: expected usual_spectrum "
            "in [resources]"
        )
    return Equaliser(load_usual_spectrum(path), tuned.tolerance, tuned.share)


def load_usual_spectrum(path: Path) -> npt.NDArray[np.float32]:
    """The file of a pack, ``(80,)``.

    Raises:
        PackError: it is missing or damaged.
    """
    try:
        with path.open("rb") as file:
            spectrum = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PackError(f"{path} is no usual spectrum: {error}; reinstall the model pack") from error
    if spectrum.dtype != np.float32 or spectrum.shape != (MEL_BINS,) or not np.isfinite(spectrum).all():
        raise PackError(
            f"{path} holds {spectrum.dtype} of shape {spectrum.shape}, expected {MEL_BINS} finite float32, one for "
            "each mel band; reinstall the model pack"
        )
    found: npt.NDArray[np.float32] = spectrum
    return found
