"""How long a command still takes, beside its progress bar."""

from __future__ import annotations

from rich.progress import Task, TimeRemainingColumn
from rich.text import Text

from streamer.commands.meetings.words import screen_language

_LEFT = {"zh": "还需 {time}", "en": "{time} left"}


def time_left(time: str) -> str:
    """A time on a clock's face, with the word that it is still to come, in the language of the terminal's locale."""
    return _LEFT[screen_language()].format(time=time)


class TimeLeftColumn(TimeRemainingColumn):
    """Rich's estimate, which says that it is one of what is left."""

    def render(self, task: Task) -> Text:
        """The estimate of a task; dashes where there is none yet."""
        return Text(time_left(str(super().render(task))))
