from __future__ import annotations

import pytest

from streamer.system.language import is_chinese


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "", "LC_MESSAGES": "ZH_TW"}, True),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, False),
    ],
)
def test_the_most_particular_variable_that_is_set_says_the_language(environment: dict[str, str], chinese: bool) -> None:
    assert is_chinese(environment) is chinese
