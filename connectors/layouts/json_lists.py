"""Members of a JSON object → texts of fields; a list where an order has one value is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.formats.json_values import JsonList, JsonValue, json_text
from connectors.formats.trouble import Trouble, several_said

Texts = dict[str, str | None]


def single_texts(members: Mapping[str, JsonValue], taken: Collection[str]) -> tuple[Texts, list[Trouble]]:
    """A text for each member. Of those that are `taken` for columns a list of one value is that value, and
    one of several different ones is E309, which holds.

    >>> from connectors.formats.json_values import JsonReader
    >>> one = JsonReader('{"isbn": ["1"], "titel": ["A", "B"], "other": ["C", "D"]}').read()
    >>> single_texts(one, ["isbn", "titel"])[0]
    {'isbn': '1', 'titel': 'A', 'other': '["C", "D"]'}
    """
    texts: Texts = {}
    troubles = []
    for name, value in members.items():
        texts[name] = json_text(value)
        if name not in taken or not isinstance(value, JsonList):
            continue
        said = list(dict.fromkeys(text for one in value if (text := json_text(one)) and text.strip()))
        texts[name] = said[0] if said else None
        if len(said) > 1:
            told = several_said("an order line has one value there", name, said)
            help_ = "ask the vendor which is meant, or to send a line for each; the first was taken"
            troubles.append(Trouble("E309", told, help_, name, holds=True))
    return texts, troubles
