"""Checks that run a pack on the NPU: loading, golden inputs, ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from streamer.asr.modelpack import ModelPack, find_pack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.runners.ascend import AscendDevice
from streamer.doctor.finding import Finding, bad, doubtful, good
from streamer.errors import AscendError, PackError, RecognizerError, StreamerError
from streamer.packs.golden import (
    GOLDEN_NAME,
    MAX_FOREIGN_ERRORS,
    GoldenClip,
    foreign_errors,
    judge,
    read_golden,
)
from streamer.settings.recognizer import RecognizerSettings

_REFERENCE_PACK = "zh"


def check_ascend_pack(settings: RecognizerSettings) -> Iterator[Finding]:
    """Load the pack on the NPU and compare what it makes of golden inputs."""
    try:
        pack = load_pack(find_pack(settings.pack))
    except PackError as error:
        yield bad("pack", str(error), "`streamer models import-om` or `streamer models atc` makes one")
        return
    if pack.manifest.runner != "ascend":
        yield bad(
            "pack",
            f"{pack.label} is for the {pack.manifest.runner} runner",
            "choose an Ascend pack with --pack; `streamer models atc` makes one",
        )
        return
    device = AscendDevice(settings.ascend)
    try:
        with load_models(pack, settings, device.open_runner) as models:
            offers = "log-probabilities" if models.has_log_probs else "ids only"
            yield good(
                "NPU", f"{device.soc_name or 'device'} {settings.ascend.device_id}: {pack.label} loaded, {offers}"
            )
            yield from _compare(pack, models)
    except AscendError as error:
        yield bad("NPU", str(error), "see what the message says; details are in ~/ascend/log/debug/plog")
    except StreamerError as error:
        yield bad("NPU", str(error), "convert or import the models again")
    else:
        if device.statistics.failures:
            told = f"{device.statistics.failures} meanwhile, the last: {device.statistics.last_failure}"
            yield doubtful("NPU faults", told, "repeated faults: see ~/ascend/log/debug/plog, driver and firmware")


def _compare(pack: ModelPack, models: LoadedModels) -> Iterator[Finding]:
    own = pack.path(GOLDEN_NAME)
    if own.is_file():
        yield _golden(read_golden(own), models)
        return
    reference = _reference_golden()
    if reference is None:
        yield doubtful("golden inputs", "none", "`streamer models golden` writes them from the fp32 models")
        return
    yield _ids(read_golden(reference), models)


def _golden(clips: tuple[GoldenClip, ...], models: LoadedModels) -> Finding:
    judgements = [judge(clip, models) for clip in clips]
    told = "; ".join(map(str, judgements))
    if all(each.is_within_tolerance for each in judgements):
        return good("golden inputs", told)
    return bad(
        "golden inputs",
        told,
        "convert again for this very chip with `streamer models atc --precision mixed_float16` (or allow_fp32_to_fp16)",
    )


def _ids(clips: tuple[GoldenClip, ...], models: LoadedModels) -> Finding:
    """Other weights cannot be compared number by number; but a wrong first id makes every syllable wrong."""
    first_id = models.pack.manifest.acoustic.first_id
    try:
        errors = {
            shift: sum(foreign_errors(clip, models, shift) for clip in clips) / len(clips) for shift in (0, -1, 1)
        }
    except AscendError:
        raise
    except RecognizerError as error:
        other = (
            f"import the models again with --am-first-id {1 - first_id}, or with the token tables that belong to them"
        )
        return bad("syllable ids", str(error), other)
    told = f"{errors[0]:.0%} toneless syllable errors on the embedded pack's sounds"
    best = min(errors, key=lambda shift: errors[shift])
    if best and errors[best] <= MAX_FOREIGN_ERRORS < errors[0]:
        return bad(
            "syllable ids",
            f"{told}, {errors[best]:.0%} if the first id were {first_id - best}",
            f"import the models again with --am-first-id {first_id - best}",
        )
    if errors[0] > MAX_FOREIGN_ERRORS:
        return bad(
            "syllable ids", told, "check that the token tables are those of the models, and the chip's precision"
        )
    return good("syllable ids", told)


def _reference_golden() -> Path | None:
    try:
        path = find_pack(_REFERENCE_PACK) / GOLDEN_NAME
    except PackError:
        return None
    return path if path.is_file() else None
