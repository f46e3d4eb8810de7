"""A payload → what is wrong with it by the published JSON Schema, each with its JSON path.

A second witness beside the models, for `etl check --payload`; nothing on the way to Alma needs it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_FOLDER = Path(__file__).parent / "schemas"


def schema_errors(payload: bytes, target: str) -> list[str]:
    """One line per error, in document order: `$.price.sum: 129 is not of type 'string'`.

    `target` is po_line or purchase_request; KeyError for another. The payload is one JSON document in
    the form this program writes.
    """
    try:
        document = json.loads(payload)
    except ValueError as error:  # also not UTF-8
        return [f"$: not JSON: {error}"]
    errors = _validator(target).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in sorted(errors, key=lambda one: one.json_path)]


@cache
def _validator(target: str) -> Draft202012Validator:
    if target not in ("po_line", "purchase_request"):
        raise KeyError(target)
    schema: dict[str, Any] = json.loads((_FOLDER / f"{target}.json").read_bytes())
    return Draft202012Validator(schema)
