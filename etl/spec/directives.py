"""The words that stand in shapes and checks beside names, each with what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WAYS: Final[Mapping[str, str]] = {
    "$value": "What this is, instead of a group: any shape, beside $for, $let and $if",
    "$first": "The first of these that is not empty: a list of choices, or a group  level: choice",
    "$level": "A column of the rows named under levels:, the strongest level that has one; beside it"
    " a level may be said otherwise",
}
"""What a value is instead of a group: one of them at most."""
DIRECTIVES: Final[Mapping[str, str]] = {
    "$include": "A fragment that is laid under the keys beside it: its name under fragments:",
    "$for": "In a list: this member once for each of a list, written  name in list",
    "$let": "Names for use below and in $if: name: value",
    "$if": "A template; where it is false there is nothing here",
    **WAYS,
}
VERDICTS: Final[Mapping[str, str]] = {
    "reject": "No document is made. The message, text or template",
    "hold": "The document waits for a person. The message, text or template",
    "warn": "The document goes out, and the report says this. The message, text or template",
}
"""What a check does with a record for which it is true."""
