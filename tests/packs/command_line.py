"""The command line of packs, without its start."""

from __future__ import annotations

import typer

from streamer.commands import atc, golden, import_models

app = typer.Typer(pretty_exceptions_enable=False)
app.command("import-om")(import_models.import_om)
app.command("import-pb")(import_models.import_pb)
app.command("atc")(atc.convert)
app.command("golden")(golden.write)
