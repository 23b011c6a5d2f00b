"""The capture process: opens a microphone with PortAudio and writes what it hears to its standard output.

A process of its own because PortAudio writes to the terminal, sees new devices only when it is initialised again, and
hangs for ever where the sound server hangs: its parent kills it and starts another. It ends when its standard input
does, so it never outlives its parent. What it imports decides how soon the first sound is heard: no numpy here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any

from streamer.audio.capturing.capture_wire import (
    Away,
    CaptureRequest,
    HeardSource,
    Inputs,
    Message,
    Opened,
    Refused,
    Sound,
    encode,
)
from streamer.audio.capturing.input_choice import RefusalError, choose_input, lacking_channel, list_inputs
from streamer.audio.capturing.pulse_source import ask_pipewire_too, busy_hint, is_certain_source, source_hint
from streamer.audio.capturing.ring import BLOCK_SECONDS, Ring
from streamer.system.system_packages import needed

RATE = 16_000
_LOOK_SECONDS, _LATER_LOOK_SECONDS = 0.2, 1.0
"""Between two looks for a device that is away: in the first seconds, and later. Each costs 30 ms of processor time."""
_SOON_SECONDS = 10.0
_PATIENCE_SECONDS = 900.0
"""Then another process looks: PortAudio and ALSA's plugins lose 13 KB each time that they are started anew."""
_VERDICT_SECONDS = 1.0
"""How long a sound server may take to say which source it gives, where one was named; it takes a tenth of that."""
_DRAIN_SECONDS = 5.0
"""How long what was captured may take to be written once the parent wants no more."""


def main() -> None:
    """Do what the request on the command line says; the exit code is always 0, failures are messages."""
    request = CaptureRequest(**json.loads(sys.argv[1]))
    # Ctrl-C in a terminal, and systemd that stops a service, may reach all processes: the parent then asks for the end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Without it, PulseAudio and PipeWire let a real card collect up to two seconds for clients that come through ALSA.
    os.environ.setdefault("PULSE_LATENCY_MSEC", str(request.latency_ms))
    ask_pipewire_too()
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    threading.Thread(target=_watch_parent, args=(outgoing,), daemon=True).start()
    try:
        if request.list_only:
            _send(Inputs(tuple(list_inputs(_portaudio()))))
        else:
            stream = _open(_portaudio(), request, outgoing)
            _give_code_back()
            _pass_on(outgoing)
            del stream
    except RefusalError as error:
        _send(error.refusal)
    except BrokenPipeError:
        pass
    sys.stdout.flush()
    # Ending the stream or PortAudio properly may hang; the system closes everything that a process held.
    os._exit(0)


def _portaudio() -> Any:
    try:
        import sounddevice  # noqa: PLC0415 - importing it starts PortAudio
    except ImportError as error:
        raise RefusalError("the Python package sounddevice is not installed", "sounddevice (pip)") from error
    except OSError as error:
        reason = "the library PortAudio is not installed" if "not found" in str(error) else str(error)
        raise RefusalError(reason, needed("PortAudio")) from error
    return sounddevice


def _open(portaudio: Any, request: CaptureRequest, outgoing: SimpleQueue[Message | None]) -> Any:
    """The stream, which delivers from now on; a patient request waits for its device."""
    began = time.monotonic()
    while True:
        try:
            return _open_now(portaudio, request, outgoing)
        except (RefusalError, portaudio.PortAudioError) as error:
            waited = time.monotonic() - began
            if not request.is_patient or waited > _PATIENCE_SECONDS:
                raise
            # Also a sign of life: a sound server that hangs lets nothing be said.
            _send(Away(str(error)))
            _forget(outgoing, Message)
        time.sleep(_LOOK_SECONDS if waited < _SOON_SECONDS else _LATER_LOOK_SECONDS)
        # PortAudio looks for devices only when it starts.
        portaudio._terminate()  # noqa: SLF001 - there is no other way
        portaudio._initialize()  # noqa: SLF001 - likewise


def _open_now(portaudio: Any, request: CaptureRequest, outgoing: SimpleQueue[Message | None]) -> Any:
    inputs = list_inputs(portaudio)
    device = choose_input(inputs, request.device, request.known_as)
    if problem := lacking_channel(device, request.channel):
        raise RefusalError(problem, is_lasting=True)
    # Devices of the sound server offer dozens of channels; more than two are never a person's microphone.
    channels = max(request.channel, min(2, device.channels))
    rates = [RATE] if device.rate == RATE else [RATE, device.rate]
    for rate in rates:
        ring = Ring(outgoing, rate)
        try:
            stream = portaudio.RawInputStream(
                samplerate=rate,
                blocksize=round(rate * BLOCK_SECONDS),
                device=device.index,
                channels=channels,
                dtype="int16",
                latency=request.latency_ms / 1000,
                callback=ring.on_sound,
                finished_callback=ring.on_end,
            )
            stream.start()
        except portaudio.PortAudioError as error:
            if rate == rates[-1]:
                hint = source_hint() or busy_hint(str(error), device.name, [one.name for one in inputs])
                raise RefusalError(f"{device.name} cannot be opened: {error}{hint}") from error
        else:
            ring.note_open()
            if problem := _problem_of_source(outgoing, is_certain_source(device.name, request.device)):
                stream.close()
                raise RefusalError(f"{device.name} cannot be opened: {problem}{source_hint()}")
            _send(Opened(device.name, rate, channels))
            return stream
    raise AssertionError("there is always a rate to try")


def _problem_of_source(outgoing: SimpleQueue[Message | None], is_certain: bool) -> str:
    """Why what the sound server gives must not be heard; empty where it may. From now on it is watched."""
    # Holds one answer.
    verdict: SimpleQueue[str | None] = SimpleQueue()
    threading.Thread(target=_watch_source, args=(outgoing, is_certain, verdict), daemon=True).start()
    if not is_certain:
        return ""
    problem: str | None = ""
    with contextlib.suppress(Empty):
        problem = verdict.get(timeout=_VERDICT_SECONDS)
    if problem is None:
        return ""
    # The device counts as open from now on: what was heard before would be dated too late.
    _forget(outgoing, Sound)
    return problem


def _forget(outgoing: SimpleQueue[Message | None], kind: Any) -> None:
    """Take all messages of a kind away that wait."""
    for message in [outgoing.get() for _ in range(outgoing.qsize())]:
        if not isinstance(message, kind):
            outgoing.put(message)


def _watch_source(outgoing: SimpleQueue[Message | None], is_certain: bool, verdict: SimpleQueue[str | None]) -> None:
    """Says which source the sound server gives, and ends the sound where it gives another for a certain one.

    The first answer is the verdict: why that must not be heard, or nothing; None where there is no sound server.
    """
    from streamer.audio.capturing.pulse_watch import watch_source  # noqa: PLC0415 - the device opens sooner without

    before = ""

    def tell(heard: HeardSource) -> bool:
        nonlocal before
        problem = ""
        if is_certain and before and not heard.is_chosen:
            problem = f"{before} went away, and {heard.name}, which the sound server gave instead, was not asked for"
        elif is_certain and not before and heard.instead_of:
            problem = f"the sound server has no {heard.instead_of}, and gives {heard.name} instead"
        outgoing.put(Refused(problem) if problem else heard)
        if not before:
            verdict.put(problem)
        before = heard.name
        return not problem

    watch_source(tell)
    if not before:
        verdict.put(None)


def _give_code_back() -> None:
    """Of ALSA's plugins above all, which bring codecs along: half of what this process has in memory."""
    from streamer.system.code_pages import give_code_back  # noqa: PLC0415 - the device opens sooner without

    give_code_back()


def _pass_on(outgoing: SimpleQueue[Message | None]) -> None:
    """Write what the device hears until it ends or the parent has had enough."""
    ended = False
    while not ended:
        waiting = [outgoing.get()]
        while not outgoing.empty():
            waiting.append(outgoing.get())
        messages = [message for message in waiting if message is not None]
        # In one piece: each write wakes the parent.
        _write(b"".join(encode(message) for message in messages))
        ended = len(messages) < len(waiting) or any(isinstance(message, Refused) for message in messages)


def _send(message: Message) -> None:
    _write(encode(message))


def _write(content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(1, rest) :]


def _watch_parent(outgoing: SimpleQueue[Message | None]) -> None:
    """Ends the process when the parent closes our standard input, or dies and thereby closes it."""
    while os.read(0, 1):
        pass
    outgoing.put(None)
    time.sleep(_DRAIN_SECONDS)
    os._exit(0)
