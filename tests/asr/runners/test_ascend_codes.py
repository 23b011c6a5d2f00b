from __future__ import annotations

import pytest

from streamer.asr.runners.ascend.codes import NAMES, meaning


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (100000, "INVALID_PARAM"),
        (107002, "CONTEXT_NULL"),
        (145003, "EXEC_MODEL_ID_INVALID"),
        (507046, "STREAM_SYNC_TIMEOUT"),
    ],
)
def test_a_code_has_its_documented_name(code: int, name: str) -> None:
    assert meaning(code).split(":")[0] == name


def test_what_a_user_can_mend_says_how() -> None:
    assert meaning(207001) == (
        "MEMORY_ALLOCATION: the device is out of memory; see `npu-smi info` for who holds it, "
        'or set recognizer.ascend.memory_policy = "normal_only"'
    )


def test_an_unknown_code_is_called_undocumented() -> None:
    assert meaning(999999) == "undocumented"


def test_the_table_holds_all_families() -> None:
    assert {code // 1000 for code in NAMES} == {100, 107, 145, 148, 200, 207, 245, 300, 500, 507, 545}
