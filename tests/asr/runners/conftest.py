from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamer.asr.runners.ascend import AscendDevice
from streamer.settings.ascend import AscendSettings
from tests.acl_simulator.fixtures import ProcessReports
from tests.asr.runners.devices import Launches


@pytest.fixture
def launches() -> Launches:
    return Launches()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def device(processes: ProcessReports, launches: Launches, pauses: list[float]) -> Iterator[AscendDevice]:
    opened = AscendDevice(AscendSettings(), launch=launches, pause=pauses.append, grace_s=0.5)
    yield opened
    opened.close()
