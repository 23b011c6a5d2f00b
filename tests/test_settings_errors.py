"""What is wrong with a configuration file is said so that it can be put right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
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


@pytest.mark.parametrize(
    "line",
    [
        "device = “USB”",
        "device = ‘USB’",
        "device = ＂USB＂",
        'device = "USB”',
        'device ＝ "USB"',
        'device＝"USB"',
        "［audio］",
        'device = "USB"，',
    ],
)
def test_signs_of_chinese_keyboards_are_told_with_those_that_toml_takes(tmp_path: Path, line: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(f"[audio]\n{line}\n", encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert str(refused.value).startswith(f"{path} is not valid TOML: ")
    assert str(refused.value).endswith(
        '; there TOML takes plain signs only: " for “ ” ‘ ’ ＂, = for ＝, [ ] for ［ ］ 【 】, a comma for ， 、'
    )


def test_chinese_quotes_in_a_text_or_a_comment_are_not_blamed(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[audio]\ndevice = '“USB”' 2  # “左”\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"\(at line 2, column 18\)$"):
        load_settings(path)


def test_a_wrong_value_of_the_command_line_is_of_no_file() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(overrides={"audio": {"channel": 99}})
    assert str(refused.value) == (
        "command line: `audio.channel` is 99; expected a whole number from 0 to 64 "
        "(see config/default.toml for every key and its range)"
    )


def test_a_wrong_value_of_a_file_is_of_the_file_whatever_the_command_line_gives_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[audio]\nchannel = 99", encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path, {"audio": {"device": "2"}, "hotwords": {"words": ["张伟"]}})
    assert str(refused.value).startswith(f"configuration in {path}: `audio.channel` is 99; ")


def test_a_wrong_value_of_the_command_line_is_not_said_to_be_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[audio]\nchannel = 2", encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path, {"audio": {"channel": 99}})
    assert str(refused.value).startswith("command line: `audio.channel` is 99; ")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path)
    assert str(refused.value) == f"cannot read configuration file {tmp_path}: Is a directory"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mqtt]\nulr = 'x'", "unknown key `mqtt.ulr`; did you mean `url`?"),
        ("[mqt]\nurl = 'x'", "unknown key `mqt`; did you mean `mqtt`?"),
        (
            "[recognizer.search]\nlenght_bonus = 1",
            "unknown key `recognizer.search.lenght_bonus`; did you mean `length_bonus`?",
        ),
        (
            "[[room]]\nname = 'a'\ndevise = 'x'",
            "unknown key `room.devise` of [[room]] 1; did you mean `device`?",
        ),
        ("[mqtt]\nzzz = 'x'", "unknown key `mqtt.zzz`"),
    ],
)
def test_an_unknown_key_gets_the_one_that_was_meant(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ui]\nlanguage = 'fr'", "`ui.language` is 'fr'; expected one of 'auto', 'en', 'zh'"),
        (
            "[[room]]\nname = 'a'\nsinks = ['x']",
            "`room.sinks` of [[room]] 1 has 'x'; expected one of 'minutes', 'mqtt', 'terminal'",
        ),
        (
            "[minutes]\nformats = ['txt', 'md']",
            "`minutes.formats` has 'md'; expected one of 'docx', 'json', 'markdown', 'srt', 'txt', 'vtt'",
        ),
    ],
)
def test_a_value_that_is_none_of_several_gets_the_choices(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == expected


def test_rooms_need_double_brackets(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[room]\nname = 'a'") == (
        "`room` is a table; write [[room]], with two brackets: there may be several"
    )


def test_a_room_that_is_no_table_is_told_how_one_is_written(tmp_path: Path) -> None:
    assert refusal(tmp_path, "room = ['a']") == (
        "`room` has 'a'; it is a table: write [[room]], and its keys on the lines below"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[store]\ndata_dir = "a\\u0000b"', "store.data_dir"),
        ('[hotwords]\nwords = ["张伟", "\\u0000"]', "hotwords.words[1]"),
        ('[[room]]\nname = "a"\nsource = "\\u0000"', "room[0].source"),
    ],
)
def test_a_text_with_the_character_that_ends_texts_of_the_system_is_refused(
    tmp_path: Path, text: str, place: str
) -> None:
    assert refusal(tmp_path, text) == (f"U+0000 stands in the text at `{place}`: no path, name or address has it")


@pytest.mark.parametrize(
    ("text", "found"),
    [("mqtt = 'mqtt://broker/streamer'", "'mqtt://broker/streamer'"), ("[[mqtt]]\nurl = 'mqtt://broker'", "a list")],
)
def test_what_stands_for_a_table_is_refused_beside_options_of_the_command_line_too(
    tmp_path: Path, text: str, found: str
) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path, {"mqtt": {"protocol": "5"}})

    assert str(refused.value) == (
        f"configuration in {path}: `mqtt` is {found}; it is a table: write [mqtt], "
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


def test_every_type_of_the_settings_has_words_for_what_it_expects(tmp_path: Path) -> None:
    tables = msgspec.structs.fields(Settings)
    models = {table.name: table.type for table in tables if isinstance(table.type, type)}
    keys = {
        type(inspect.type_info(field.type)): (name, field.name)
        for name, model in models.items()
        for field in msgspec.structs.fields(model)
    }

    assert len(keys) > 5
    for table, key in keys.values():  # none of them takes a date
        told = refusal(tmp_path, f"[{table}]\n{key} = 2026-11-30")
        assert told.startswith((f"`{table}.{key}` is 2026-11-30; expected ", f"`{table}.{key}` is 2026-11-30; it is a"))


def test_an_integer_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[recognizer]\nthreads = " + "9" * 5000, encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert str(refused.value) == (
        f"{path} holds an integer of thousands of digits, which no key takes (see config/default.toml for every key "
        "and its range)"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[audio]\nchannel = 99", "`audio.channel` is 99; expected a whole number from 0 to 64"),
        ("[audio]\nchannel = 2.0", "`audio.channel` is 2.0; expected a whole number from 0 to 64"),
        ("[audio]\nchannel = '2'", "`audio.channel` is '2'; expected a whole number from 0 to 64, without quotes"),
        ("[gate]\nmax_steady_share = 1.5", "`gate.max_steady_share` is 1.5; expected a number from 0 to 1"),
        (
            "[recognizer.search]\nmargin = 0",
            "`recognizer.search.margin` is 0; expected a number above 0 and up to 1000",
        ),
        (
            "[recognizer.search]\nblank_skip = 0.5",
            "`recognizer.search.blank_skip` is 0.5; expected a number above 0.5 and up to 1",
        ),
        ("[store]\nrecording = 'no'", "`store.recording` is 'no'; expected true or false, without quotes"),
        ("[mqtt]\nurl = 5", "`mqtt.url` is 5; expected text in quotes"),
        ("[mqtt]\nurl = ['a']", "`mqtt.url` is a list; expected text in quotes"),
        ("[metrics]\nhost = ''", "`metrics.host` is ''; expected text that is not empty"),
        ("[hotwords]\nwords = '张伟'", "`hotwords.words` is '张伟'; expected a list, in brackets"),
        ("[hotwords.words]\na = 1", "`hotwords.words` is a table; expected a list, in brackets"),
        ("[hotwords]\nwords = ['张伟', true]", "`hotwords.words` has true; expected text in quotes"),
        (
            f"[[room]]\nname = 'a'\n[[room]]\nname = '{'长' * 101}'",
            f"`room.name` of [[room]] 2 is '{'长' * 59}…; expected text of 1 to 100 characters",
        ),
        ("[[room]]\ndevice = 'x'", "`room.name` of [[room]] 1 is missing"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_key_and_what_is_expected(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert refusal(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[segmenter]\npause_ms = 400\nend_silence_min_ms = 300\n",
            "`segmenter`: pause_ms (400) must not exceed end_silence_min_ms (300)",
        ),
        (
            "[captions]\npartial_interval_ms = 2000\npartial_interval_max_ms = 1000\n",
            "`captions`: partial_interval_ms (2000) must not exceed partial_interval_max_ms (1000)",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_both_named(tmp_path: Path, text: str, told: str) -> None:
    assert refusal(tmp_path, text) == told
