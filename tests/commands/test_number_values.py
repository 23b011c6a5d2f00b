from __future__ import annotations

import pytest
from typer.testing import CliRunner

from streamer.cli import app


@pytest.mark.parametrize(
    ("arguments", "named", "told"),
    [
        (["run", "--metrics-port", "abc"], "'--metrics-port'", "'abc'; expected a whole number from 0 to 65535"),
        (["run", "--metrics-port", "65536"], "'--metrics-port'", "'65536'; expected a whole number from 0 to 65535"),
        (["meetings", "list", "-n", "0"], "'--limit' / '-n'", "'0'; expected a whole number, at least 1"),
        (["meetings", "list", "-n", "2.5"], "'--limit' / '-n'", "'2.5'; expected a whole number, at least 1"),
        (["meetings", "export", "last", "--around", ""], "'--around'", "''; expected a number from 0.1 to 86400"),
        (
            ["models", "import-om", "--blank-id", "last"],
            "'--blank-id'",
            "'last'; expected a whole number",
        ),
    ],
)
def test_what_is_no_such_number_is_refused_with_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], named: str, told: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    refused = CliRunner().invoke(app, arguments)

    assert refused.exit_code == 2
    assert f"Invalid value for {named}: {told} " in refused.stderr


def test_numbers_with_full_width_digits_are_taken(tmp_path) -> None:
    listed = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path), "list", "-n", "５"])

    assert listed.exit_code == 0
