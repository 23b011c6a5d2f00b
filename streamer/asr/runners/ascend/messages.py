"""What a worker process and its supervisor say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt

from streamer.errors import AscendError, MissingDependencyError, PackError, RecognizerError, StreamerError
from streamer.interfaces import TensorSpec
from streamer.settings.ascend import AscendSettings


@dataclass(frozen=True, slots=True)
class Start:
    """Take the device."""

    settings: AscendSettings


@dataclass(frozen=True, slots=True)
class Started:
    """The device is taken."""

    soc_name: str
    """The chip."""


@dataclass(frozen=True, slots=True)
class Load:
    """Load a model; models are numbered from 0 in the order of their loading."""

    path: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model is loaded and follows the contract."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Execute a model."""

    model: int
    """Its number."""
    feeds: dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Ran:
    """The model ran."""

    outputs: dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Stop:
    """Release everything and end."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Everything is released; the last message."""

    failures: tuple[str, ...]
    """What failed while releasing."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A request failed. After a device's failure the worker releases what it can and ends."""

    kind: Literal["device", "pack", "missing", "input"]
    text: str
    api: str = ""
    code: int = 0

    @classmethod
    def of(cls, error: StreamerError) -> Failed:
        """The message for an error."""
        text = "; ".join([str(error), *getattr(error, "__notes__", ())])
        match error:
            case AscendError():
                return cls("device", text, error.api, error.code)
            case PackError():
                return cls("pack", text)
            case MissingDependencyError():
                return cls("missing", text)
            case _:
                return cls("input", text)

    def error(self) -> StreamerError:
        """The error for a message."""
        match self.kind:
            case "device":
                return AscendError(self.text, api=self.api, code=self.code)
            case "pack":
                return PackError(self.text)
            case "missing":
                return MissingDependencyError(self.text)
            case "input":
                return RecognizerError(self.text)


Request = Start | Load | Run | Stop
Answer = Started | Loaded | Ran | Stopped | Failed
