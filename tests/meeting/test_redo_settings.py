"""With which settings a kept meeting is heard again."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.settings import Settings, load_settings
from tests.meeting.kept import SETTINGS, hold
from tests.meeting.material import STARTED

HELD = load_settings(
    overrides={
        "recognizer": {"pack": "/packs/room", "threads": 2, "search": {"beam": 7}},
        "text": {"numbers": False},
        "segmenter": {"max_utterance_ms": 9000},
        "store": {"piece_s": 5, "sync_ms": 1000},
    }
)


def redone(data_dir: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["meetings", "redo", STARTED.meeting_id, *options, "--data-dir", str(data_dir)])


def test_recogniser_and_written_form_are_those_that_the_meeting_was_held_with(tmp_path, asked):
    hold(tmp_path, settings=HELD)
    redone(tmp_path)

    ((settings, _),) = asked
    assert (settings.recognizer, settings.text) == (HELD.recognizer, HELD.text)


def test_where_utterances_end_is_what_this_streamer_does(tmp_path, asked):
    """A meeting has the defaults of its day stored."""
    hold(tmp_path, settings=HELD)
    redone(tmp_path)

    ((settings, _),) = asked
    assert settings.segmenter == Settings().segmenter


def test_single_keys_of_a_file_take_the_place_of_the_meetings(tmp_path, asked):
    hold(tmp_path, settings=HELD)
    config = tmp_path / "today.toml"
    config.write_text("[recognizer]\nthreads = 3\n[recognizer.search]\nmargin = 9.0\n[text]\nnumbers = true\n")
    redone(tmp_path, "--config", str(config))

    ((settings, _),) = asked
    assert (settings.recognizer.pack, settings.recognizer.threads) == ("/packs/room", 3)
    assert (settings.recognizer.search.beam, settings.recognizer.search.margin) == (7, 9.0)
    assert settings.text == Settings().text


def test_a_pack_of_the_command_line_takes_the_place_of_the_meetings(tmp_path, asked):
    hold(tmp_path, settings=HELD)
    redone(tmp_path, "--pack", "zh")

    ((settings, _),) = asked
    assert (settings.recognizer.pack, settings.recognizer.threads) == ("zh", 2)
    assert settings.text == HELD.text


def test_settings_that_this_streamer_does_not_understand_are_those_of_today(tmp_path, asked):
    hold(tmp_path, settings=HELD)
    store = Archive(tmp_path).open_store(SETTINGS)
    with store.database.transaction() as connection:
        connection.execute('UPDATE meetings SET settings = \'{"recognizer": {"unheard_of": 1}}\'')
    store.close()
    redone(tmp_path)

    ((settings, _),) = asked
    assert settings == Settings()


def test_of_a_meeting_of_an_older_streamer_all_holds_that_is_known_today(tmp_path, asked):
    hold(tmp_path, settings=HELD)
    store = Archive(tmp_path).open_store(SETTINGS)
    with store.database.transaction() as connection:
        connection.execute(
            "UPDATE meetings SET settings = json_set(settings, '$.recognizer.search.sentence_n_best', 32)"
        )
    store.close()
    redone(tmp_path)

    ((settings, _),) = asked
    assert (settings.recognizer, settings.text) == (HELD.recognizer, HELD.text)


def test_a_pack_of_the_meetings_that_is_not_here_is_said_to_be_its_own(tmp_path):
    hold(tmp_path, settings=HELD)
    done = redone(tmp_path)

    assert "/packs/room" in str(done.exception)
    assert f"meeting {STARTED.meeting_id} was held so, and --pack or" in str(done.exception)


def test_a_pack_that_was_asked_for_and_is_not_here_is_not(tmp_path):
    hold(tmp_path, settings=HELD)
    done = redone(tmp_path, "--pack", "/packs/other")

    assert "/packs/other" in str(done.exception)
    assert "was held so" not in str(done.exception)
