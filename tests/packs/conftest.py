"""Fixtures of the stand-in for Ascend hardware, and a command line without its start."""

from __future__ import annotations

import typer

from streamer.commands import atc, golden, import_models
from tests.acl_simulator.fixtures import processes

__all__ = ["app", "processes"]

app = typer.Typer(pretty_exceptions_enable=False)
app.command("import-om")(import_models.import_om)
app.command("import-pb")(import_models.import_pb)
app.command("atc")(atc.convert)
app.command("golden")(golden.write)
