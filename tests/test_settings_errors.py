"""What is wrong with a configuration file is said so that it can be put right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import inspect

from streamer.errors import SettingsError
from streamer.settings import Settings, load_settings


def refusal(folder: Path, text: str) -> str:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    message = str(refused.value)
    ending = " (see config/default.toml for every key and its range)"
    assert message.startswith(f"configuration in {path}: ")
    assert message.endswith(ending)
    return message.removeprefix(f"configuration in {path}: ").removesuffix(ending)


def test_a_byte_order_mark_as_windows_writes_it_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(b'\xef\xbb\xbf[recognizer]\r\npack = "mine"\r\n')

    assert load_settings(path).recognizer.pack == "mine"


def test_a_file_in_another_encoding_is_told_where_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[[room]]\nname = "会议室"\n', encoding="gbk")

    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert str(refused.value) == f"configuration file {path} is not UTF-8 from byte 17 on: save it so"


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path / "my.toml")
    assert str(refused.value) == f"configuration file not found: {tmp_path}/my.toml"


def test_a_file_that_is_no_toml_is_told_where_it_is_none(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[audio]\nchannel 2\n", encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert str(refused.value) == (
        f"{path} is not valid TOML: Expected '=' after a key in a key/value pair (at line 2, column 9)"
    )


def test_a_wrong_value_of_the_command_line_is_of_no_file() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(overrides={"audio": {"channel": 99}})
    assert str(refused.value) == (
        "configuration: Expected `int` <= 64 - at `$.audio.channel` "
        "(see config/default.toml for every key and its range)"
    )


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path)
    assert str(refused.value) == f"cannot read configuration file {tmp_path}: Is a directory"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mqtt]\nulr = 'x'", "Object contains unknown field `ulr` - at `$.mqtt`; did you mean `url`?"),
        ("[mqt]\nurl = 'x'", "Object contains unknown field `mqt`; did you mean `mqtt`?"),
        (
            "[recognizer.search]\nlenght_bonus = 1",
            "Object contains unknown field `lenght_bonus` - at `$.recognizer.search`; did you mean `length_bonus`?",
        ),
        (
            "[[room]]\nname = 'a'\ndevise = 'x'",
            "Object contains unknown field `devise` - at `$.room[0]`; did you mean `device`?",
        ),
        ("[mqtt]\nzzz = 'x'", "Object contains unknown field `zzz` - at `$.mqtt`"),
    ],
)
def test_an_unknown_key_gets_the_one_that_was_meant(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ui]\nlanguage = 'fr'", "Invalid enum value 'fr' - at `$.ui.language`; expected one of 'auto', 'en', 'zh'"),
        (
            "[[room]]\nname = 'a'\nsinks = ['x']",
            "Invalid enum value 'x' - at `$.room[0].sinks[0]`; expected one of 'minutes', 'mqtt', 'terminal'",
        ),
        (
            "[minutes]\nformats = ['txt', 'md']",
            (
                "Invalid enum value 'md' - at `$.minutes.formats[1]`; "
                "expected one of 'docx', 'json', 'markdown', 'srt', 'txt', 'vtt'"
            ),
        ),
    ],
)
def test_a_value_that_is_none_of_several_gets_the_choices(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == expected


def test_rooms_need_double_brackets(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[room]\nname = 'a'") == (
        "Expected `array`, got `object` - at `$.room`; write [[room]], with two brackets: there may be several"
    )


def test_a_room_that_is_no_table_is_told_how_one_is_written(tmp_path: Path) -> None:
    assert refusal(tmp_path, "room = ['a']") == (
        "Expected `object`, got `str` - at `$.room[0]`; it is a table: write [[room]], and its keys on the lines below"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[store]\ndata_dir = "a\\u0000b"', "$.store.data_dir"),
        ('[hotwords]\nwords = ["张伟", "\\u0000"]', "$.hotwords.words[1]"),
        ('[[room]]\nname = "a"\nsource = "\\u0000"', "$.room[0].source"),
    ],
)
def test_a_text_with_the_character_that_ends_texts_of_the_system_is_refused(
    tmp_path: Path, text: str, place: str
) -> None:
    assert refusal(tmp_path, text) == (f"U+0000 stands in the text at `{place}`: no path, name or address has it")


@pytest.mark.parametrize(
    ("text", "found"), [("mqtt = 'mqtt://broker/streamer'", "str"), ("[[mqtt]]\nurl = 'mqtt://broker'", "array")]
)
def test_what_stands_for_a_table_is_refused_beside_options_of_the_command_line_too(
    tmp_path: Path, text: str, found: str
) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path, {"mqtt": {"protocol": "5"}})

    assert str(refused.value) == (
        f"configuration in {path}: Expected `object`, got `{found}` - at `$.mqtt`; it is a table: write [mqtt], "
        "and its keys on the lines below (see config/default.toml for every key and its range)"
    )


@pytest.mark.parametrize("text", ["a = " + "[" * 2000 + "]" * 2000, "a." * 2000 + "b = 1"])
def test_what_lies_too_deep_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text) == "tables or lists in each other, deeper than any key"


def numbers_of(kind: inspect.Type, place: str = "") -> Iterator[tuple[str, inspect.IntType | inspect.FloatType]]:
    """Every number of the settings, with its place."""
    match kind:
        case inspect.StructType():
            for field in kind.fields:
                yield from numbers_of(field.type, f"{place}.{field.name}")
        case inspect.VarTupleType():
            yield from numbers_of(kind.item_type, place)
        case inspect.UnionType():
            for one in kind.types:
                yield from numbers_of(one, place)
        case inspect.IntType() | inspect.FloatType():
            yield place, kind


def test_every_number_is_bounded_on_both_sides() -> None:
    """Infinity is null in the JSON that a meeting's settings are kept in, and none of them could be read then."""
    numbers = dict(numbers_of(inspect.type_info(Settings)))

    assert len(numbers) > 100
    assert [
        place
        for place, kind in numbers.items()
        if (kind.ge is None and kind.gt is None) or (kind.le is None and kind.lt is None)
    ] == []


def test_an_integer_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[recognizer]\nthreads = " + "9" * 5000, encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert str(refused.value) == (
        f"{path} holds an integer of thousands of digits, which no key takes (see config/default.toml for every key "
        "and its range)"
    )


def test_what_explains_itself_is_left_as_it_is(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[audio]\nchannel = 99") == "Expected `int` <= 64 - at `$.audio.channel`"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[segmenter]\npause_ms = 400\nend_silence_min_ms = 300\n",
            "pause_ms (400) must not exceed end_silence_min_ms (300) - at `$.segmenter`",
        ),
        (
            "[captions]\npartial_interval_ms = 2000\npartial_interval_max_ms = 1000\n",
            "partial_interval_ms (2000) must not exceed partial_interval_max_ms (1000) - at `$.captions`",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_both_named(tmp_path: Path, text: str, told: str) -> None:
    assert refusal(tmp_path, text) == told
