"""The schemas of config/asyncapi.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import yaml

DOCUMENT: dict[str, Any] = yaml.load(Path("config/asyncapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def check(schema: str, message: bytes) -> dict[str, Any]:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    decoded = json.loads(message)
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(decoded)
    assert isinstance(decoded, dict)
    return decoded
