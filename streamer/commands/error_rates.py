"""How many characters of what was transcribed are wrong, where texts are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from streamer.commands.sound_files import SoundPath
from streamer.commands.sound_words import sound_words
from streamer.errors import SettingsError
from streamer.scoring import Errors, compare, read_references, reference_of, spoken_characters, sum_errors

_NAMED = 3
"""So many sounds without a reference are named, the others counted."""
_SHOWN = 300
"""Characters of a text that are shown of a sound with many errors."""


def references_for(table: Path, sounds: Sequence[SoundPath]) -> dict[str, str]:
    """The texts of a table, by file, among them that of a sound.

    Raises:
        SettingsError: it cannot be read, or holds the text of none of the sounds.
    """
    references = read_references(table)
    if all(reference_of(sound.name, references) is None for sound in sounds):
        named = f"for example {next(iter(references))!r}" if references else "nothing"
        raise SettingsError(
            f"--reference {table} names none of the sounds, but {named}; expected the path or the name of each in the "
            f"first column, for example {sounds[0].name.name}"
        )
    return references


def error_rates(heard: Sequence[tuple[SoundPath, str]], references: Mapping[str, str], worst: int) -> Iterator[str]:
    """The character error rate of the sounds that have a reference, line by line; of the worst with both texts.

    Args:
        heard: sounds, and everything that was heard in each.
        references: texts by file.
        worst: how many with the most errors are listed.
    """
    scored: list[tuple[SoundPath, Errors, str, str]] = []
    unscored: list[SoundPath] = []
    for sound, spoken in heard:
        text = reference_of(sound.name, references)
        if text is None:
            unscored.append(sound)
        else:
            scored.append((sound, compare(spoken_characters(text), spoken_characters(spoken)), text, spoken))
    words = sound_words()
    yield from (f"streamer: {words.no_reference.format(file=sound.path)}" for sound in unscored[:_NAMED])
    if len(unscored) > _NAMED:
        yield f"streamer: {words.others_without.format(count=len(unscored) - _NAMED)}"
    for sound, errors, text, spoken in sorted(scored, key=lambda one: one[1].rate, reverse=True)[:worst]:
        yield f"{_errors(errors)}  {sound.name}"
        yield f"    {words.said}  {_cut(text)}"
        yield f"    {words.heard_text}  {_cut(spoken)}"
    total = _errors(sum_errors(errors for _, errors, _, _ in scored))
    yield words.error_rate.format(files=len(scored), errors=total)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _errors(errors: Errors) -> str:
    return sound_words().errors.format(
        rate=f"{100 * errors.rate:.2f} %" if errors.reference else "–",
        substitutions=errors.substitutions,
        deletions=errors.deletions,
        insertions=errors.insertions,
        reference=errors.reference,
    )
