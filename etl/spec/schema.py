"""The mapping language → its JSON Schema, for editors."""

from __future__ import annotations

from typing import Any

from etl.spec.model import MappingFile


def mapping_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a mapping file.

    Laxer than `etl check` where the language is: a number or a boolean may stand wherever text may, and a
    file that extends another may leave out what it inherits.
    """
    schema = MappingFile.model_json_schema()
    properties = schema["properties"]
    properties["version"] = {"enum": [1, "1"], "description": properties["version"].get("description", "")}
    schema["required"] = ["version"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
