"""Packs as the NPU, or its stand-in, takes them."""

from __future__ import annotations

import shutil
from pathlib import Path

import onnx

from streamer.asr.packwriter import seal_pack
from streamer.training.masks import mask_padding
from tests.acl_simulator import om

STATIC = {"features": (1, 1001, 80, 1), "length": (1, 1), "inputs": (1, 251)}


def two_stages(folder: Path) -> list[Path]:
    """The models that run on the NPU; those for punctuation and sentences stay on the CPU."""
    return [file for file in sorted(folder.glob("*.onnx")) if file.stem not in ("punctuation", "sentences")]


def offline_copy(pack: Path, folder: Path) -> Path:
    """The same pack with fake offline models, and a name that tells them apart."""
    shutil.copytree(pack, folder)
    manifest = (folder / "pack.toml").read_text(encoding="utf-8")
    for file in two_stages(folder):
        om.write_om(om.offline_model(file), file.with_suffix(".om"))
        file.unlink()
        manifest = manifest.replace(file.name, file.with_suffix(".om").name)
    manifest = manifest.replace('runner = "onnx"', 'runner = "ascend"')
    (folder / "pack.toml").write_text(manifest.split("[files]")[0], encoding="utf-8")
    seal_pack(folder)
    return folder


def static_copy(pack: Path, folder: Path) -> Path:
    """The same pack with models of static shape."""
    shutil.copytree(pack, folder)
    for file in two_stages(folder):
        model = onnx.load(file)
        for value in model.graph.input:
            sizes = STATIC.get(value.name, STATIC["inputs"])
            for dim, size in zip(value.type.tensor_type.shape.dim, sizes, strict=True):
                dim.dim_value = size
        onnx.save(mask_padding(model), file)
    seal_pack(folder)
    return folder
