import pytest

from streamer.sinks.layout import Span, Style
from streamer.sinks.meter import METER_COLUMNS, meter_spans


@pytest.mark.parametrize(("level", "filled"), [(-120.0, 0), (-60.0, 0), (-30.0, 6), (-5.0, 11), (0.0, 12)])
def test_a_column_stands_for_five_decibels_below_full_scale(level: float, filled: int) -> None:
    assert meter_spans(level, styled=False) == (Span("#" * filled + "-" * (METER_COLUMNS - filled)),)


@pytest.mark.parametrize(("level", "style"), [(-5.0, Style.FILLED), (0.0, Style.LOUD)])
def test_a_full_meter_has_a_colour_of_its_own(level: float, style: Style) -> None:
    filled, empty = meter_spans(level, styled=True)

    assert (filled.style, empty.style) == (style, Style.EMPTY)
    assert len(filled.text + empty.text) == METER_COLUMNS
