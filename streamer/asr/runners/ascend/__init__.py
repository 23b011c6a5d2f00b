"""Executes offline models (``.om``) on a Huawei Ascend NPU through pyACL."""

from __future__ import annotations

from streamer.asr.runners.ascend.device import AscendDevice, AscendRunner

__all__ = ["AscendDevice", "AscendRunner"]
