import os
import threading

from streamer.sinks.writing import write_all


def test_a_descriptor_that_must_not_block_gets_everything_once_when_it_is_read() -> None:
    text = "今天。" * 100_000
    there, here = os.pipe()
    os.set_blocking(here, False)
    writer = threading.Thread(target=lambda: (write_all(here, text), os.close(here)))
    writer.start()
    with os.fdopen(there, encoding="utf-8") as reading:
        read = reading.read()
    writer.join()

    assert read == text
