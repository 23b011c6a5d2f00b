"""Every error that streamer raises on purpose.

    StreamerError                     what `cli` turns into one message and an exit code
    ├── SettingsError                 a configuration file or option is wrong                    (exit 2)
    ├── AudioError                    a sound cannot be read or captured                         (exit 2)
    │   ├── AudioFileError            … from a file
    │   ├── AudioDeviceError          … from a microphone
    │   │   └── DeviceChoiceError     … that is named so that no waiting for it helps
    │   └── SourceClosedError         a source was opened or waited for, and then not wanted any more
    ├── PackError                     a model pack does not match its manifest or the contract   (exit 3)
    ├── RecognizerError               a model failed while running                               (exit 3)
    │   ├── FeatureError              the samples given cannot become features
    │   └── AscendError               a call into Ascend's pyACL failed
    │       └── AscendHungError       … or has not returned in time
    ├── StoreError                    the meeting store or the recording failed                  (exit 4)
    │   ├── RecordingError            … the recording alone: what is said is kept
    │   └── StoreHungError            … or has not answered for some seconds
    ├── SinkError                     an output (MQTT, minutes, transcripts, metrics, …) failed  (exit 5)
    ├── SummaryError                  a summary endpoint is down or answers nonsense             (exit 6)
    ├── MissingDependencyError        an optional package or system library is absent            (exit 2)
    ├── MemoryShortageError           the system gives no more memory                            (exit 1)
    └── OpenFilesError                … or lets too few files be open                            (exit 1)

A message says what was wrong, where, what was expected, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NOTICED: Final = {"is_noticed": True}
"""``extra`` of a log record that a notice repeats: left out where people read the log between the notices."""


class StreamerError(Exception):
    """Base of all expected failures."""

    exit_code = 1


class SettingsError(StreamerError):
    """A configuration file or a command-line option is wrong."""

    exit_code = 2


class AudioError(StreamerError):
    """A sound cannot be read or captured."""

    exit_code = 2


class AudioFileError(AudioError):
    """A sound file cannot be read: missing, empty, corrupt, or of an unknown format."""


class AudioDeviceError(AudioError):
    """A microphone cannot be opened, or went away."""


class DeviceChoiceError(AudioDeviceError):
    """A microphone that must be named otherwise: several are meant, no input has the number, or not such a channel."""


class SourceClosedError(AudioError):
    """A source was asked to end before it was open."""


class PackError(StreamerError):
    """A model pack does not match its manifest or the model contract."""

    exit_code = 3


class RecognizerError(StreamerError):
    """A model failed while running."""

    exit_code = 3


class FeatureError(RecognizerError, ValueError):
    """Samples that cannot become features: none, too many, not mono, not finite."""


class AscendError(RecognizerError):
    """A call into Ascend's pyACL failed, or the process that makes these calls did."""

    def __init__(self, message: str, *, api: str = "", code: int = 0) -> None:
        """Keep what failed.

        Args:
            message: what a person reads.
            api: the call's name (``acl.rt.malloc``); empty where no call failed.
            code: what it returned.
        """
        super().__init__(message)
        self.api = api
        self.code = code


class AscendHungError(AscendError):
    """The process that makes these calls did not answer in time."""

    def __init__(self, message: str, *, is_start: bool) -> None:
        """``is_start``: whether it was starting the device or loading a model, which may take minutes."""
        super().__init__(message)
        self.is_start = is_start


class StoreError(StreamerError):
    """The meeting store or the recording on disk failed."""

    exit_code = 4


class RecordingError(StoreError):
    """Sound cannot be written; the text of what is said is stored all the same."""


class StoreHungError(StoreError):
    """The disk has not answered for some seconds: nothing is lost yet."""


class SinkError(StreamerError):
    """A sink failed: MQTT, minutes, transcripts, metrics, standard output."""

    exit_code = 5


class SummaryError(StreamerError):
    """A summary's endpoint is down, refuses, is too slow, or answers in no known form."""

    exit_code = 6


class MissingDependencyError(StreamerError):
    """An optional package or system library is absent; the message says how to install it."""

    exit_code = 2


class MemoryShortageError(StreamerError):
    """The system gives no more memory."""


class OpenFilesError(StreamerError):
    """The system lets too few files be open at once."""


LOADING_FAILURES: Final = (PackError, RecognizerError, MissingDependencyError)
"""Why models cannot be loaded."""


def together(failures: Sequence[StreamerError]) -> StreamerError:
    """One error for several that did not keep each other from being met: the first one's kind, each message once."""
    return type(failures[0])("\n".join(dict.fromkeys(str(failure) for failure in failures)))


def cause_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one expected failure behind a group: a meeting ends with one message. The group where there is a defect."""
    defects = group.split((StreamerError, MemoryError))[1]
    cause: BaseException = group
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return group if defects is not None else cause


def shortage(error: MemoryError) -> MemoryShortageError:
    """What a person is told where Python got no memory; numpy says how much it asked for."""
    asked = f" ({error})" if str(error) else ""
    return MemoryShortageError(
        f"the system gives no more memory{asked}; end other programs, or raise this one's limit (ulimit -v)"
    )
