"""Every measurement by name: ``python -m benchmarks`` lists them, ``python -m benchmarks NAME …`` runs one."""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

FOLDER = Path(__file__).resolve().parent


def benchmarks(folder: Path = FOLDER) -> dict[str, str]:
    """What each module measures that can be run, by name; nothing is imported for it."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        is_program = any(isinstance(one, ast.FunctionDef) and one.name == "main" for one in module.body)
        if is_program and not path.stem.startswith("_"):
            found[path.stem] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """List them, or run one; the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    known = benchmarks()
    if given and given[0] in known:
        sys.argv = [f"python -m benchmarks.{given[0]}", *given[1:]]
        runpy.run_module(f"benchmarks.{given[0]}", run_name="__main__", alter_sys=False)
        return 0
    table = Table("name", "question", title="python -m benchmarks NAME --help", title_justify="left")
    for name, question in known.items():
        table.add_row(name, escape(question))
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    if given and given[0] not in {"-h", "--help"}:
        print(f"there is no benchmark {given[0]!r}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
