"""What `let` and `fields` may hold → definitions of a JSON Schema, for editors.

Each kind of value is one definition: what it is when written plainly, a template, a group of directives, or
nothing. `$level` changes what may stand beside it, so a group is looked at in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping

from etl.plugin import Shape
from etl.spec.directives import DIRECTIVES, VERDICTS, WAYS
from etl.spec.written_schema import NULL, Written, either, one_of, told

TEMPLATE: Written = {"type": "string", "pattern": r"^\s*$|\{[{%#]"}
"""A template, or empty text, which is as good as nothing."""
CONDITION: Written = {
    "type": "string",
    "pattern": r"\{[{%]",
    "errorMessage": 'plain text would always be true: write a template, "{{ … }}"',
}
NAME: Written = {
    "type": "string",
    "pattern": r"^(?![0-9])[^\s!-/:-@\[-^`{-~]+$|\{\{",
    "errorMessage": "the name of a column or let, or a template",
}
CHECK: Written = {
    "type": "object",
    "properties": {"if": told("A template; where it is true the check speaks", CONDITION)}
    | {name: told(doc, {"type": ["string", "number", "boolean"]}) for name, doc in VERDICTS.items()},
    "required": ["if"],
    "minProperties": 2,
    "maxProperties": 2,
    "additionalProperties": False,
}
_IDENTIFIER = "^[A-Za-z][A-Za-z0-9_]*$"
_LOOP: Written = {
    "type": "string",
    "pattern": r"^\s*[A-Za-z_]\w*\s+in\s+(?![^\S])(?!\{\{)",
    "errorMessage": "$for is written  name in list,  without braces",
}
_TEXT: Written = {"type": ["string", "number", "boolean"]}
_NO_CODE = "no such code: write one of the list, or a template"
_PLAIN: Mapping[str, Written] = {
    "text": _TEXT,
    "code": {"type": ["string", "number"]},
    "boolean": {
        "type": ["boolean", "string"],
        "pattern": "^(true|false)$",
        "errorMessage": "true, false or a template belongs here",
    },
    "integer": {
        "type": ["integer", "string"],
        "pattern": "^-?[0-9]+$",
        "errorMessage": "a whole number or a template belongs here",
    },
    "decimal": {
        "type": ["number", "string"],
        "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
        "errorMessage": "a number with a decimal point or a template belongs here",
    },
    "date": {
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}Z?$",
        "errorMessage": "a date YYYY-MM-DD or a template belongs here",
    },
}


def ref(name: str) -> Written:
    """What a definition says."""
    return {"$ref": f"#/definitions/{name}"}


def definitions(targets: Mapping[str, Shape]) -> dict[str, Written]:
    """The kinds of values: `anything` for `let`, one for the document of each target, and all they need."""
    kinds = _Kinds()
    any_list: Written = {"type": "array", "items": ref("anything.member")}
    kinds.define("anything", [_TEXT, any_list], None)
    kinds.member("anything")
    documents = {
        name: {
            "type": "object",
            "properties": {"$include": _directive("$include", name)} | kinds.members(shape, name),
            "additionalProperties": False,
        }
        for name, shape in targets.items()
    }
    return kinds.found | documents


class _Kinds:
    """Kinds of values: how each is written plainly, and what may stand in its groups (None: any names)."""

    def __init__(self) -> None:
        self.found: dict[str, Written] = {}
        self._recipes: dict[str, tuple[list[Written], Written | None]] = {}

    def define(self, name: str, plain: list[Written], members: Written | None) -> str:
        self._recipes[name] = (plain, members)
        self.found[name] = self._built(name, in_list=False)
        return name

    def member(self, name: str) -> Written:
        """The same as member of a list, where `$for` may stand."""
        self.found[f"{name}.member"] = self._built(name, in_list=True)
        return ref(f"{name}.member")

    def _built(self, name: str, in_list: bool) -> Written:
        plain, members = self._recipes[name]
        group = _group(name, members, in_list)
        own = [*plain, group] if members == {} else [group, *plain]  # editors tell what the first lacks
        return either(*own, TEMPLATE, NULL)

    def members(self, shape: Shape, path: str) -> Written:
        """The fields of an object that can be sent."""
        return {
            name: told(
                f"{one.doc} Required." if one.required else one.doc, ref(self._value(one, f"{path}.{name}"))
            )
            for name, one in shape.members.items()
            if not one.output_only
        }

    def _value(self, shape: Shape, path: str) -> str:
        """The name of the kind of a field's value. Fields of one kind share it."""
        if shape.kind == "list":
            item = self.member(self._value(shape.item, f"{path}.item") if shape.item else "anything")
            return self.define(path, [{"type": "array", "items": item}], {})
        if shape.kind == "object":
            return self.define(path, [], self.members(shape, path))
        if shape.codes:
            others: list[Written] = [{"type": "string"}] if shape.other_codes else []
            plain = [one_of(shape.codes, _NO_CODE), *others]
        else:
            plain, path = [_PLAIN[shape.kind]], shape.kind
        same = (name for name, (one, members) in self._recipes.items() if one == plain and members == {})
        return next(same, None) or self.define(path, plain, {})


def _group(name: str, members: Written | None, in_list: bool) -> Written:
    known = [one for one in DIRECTIVES if in_list or one != "$for"]
    directives = {one: _directive(one, name) for one in known}
    beside = [one for one in known if one not in WAYS]
    alone: Written = {
        one: {
            "propertyNames": {
                "enum": [*beside, one],
                "errorMessage": f"beside {one} only {', '.join(beside)} may stand",
            }
        }
        for one in WAYS
        if one != "$level"
    }
    named = {"$level": directives["$level"]} | {one: directives[one] for one in beside}
    return {
        "type": "object",
        "properties": {},  # or yaml-language-server takes it for its neighbours, and says nothing of a field
        "if": {"type": "object", "required": ["$level"], "properties": {"$level": {}}},
        "then": {
            "properties": named,
            "patternProperties": {_IDENTIFIER: ref(name)},
            "additionalProperties": False,
        },
        "else": {
            "properties": directives | (members or {}),
            "additionalProperties": False,
            "dependencies": alone,
        }
        | ({"patternProperties": {_IDENTIFIER: ref(name)}} if members is None else {}),
    }


def _directive(directive: str, value: str) -> Written:
    """What belongs below a directive, where the value is of this kind."""
    choices: Written = {"type": "array", "items": ref(value), "minItems": 1}
    levels: Written = {"type": "object", "additionalProperties": ref(value), "minProperties": 1}
    below: Mapping[str, Written] = {
        "$include": {"type": "string"},
        "$for": _LOOP,
        "$let": {
            "type": "object",
            "patternProperties": {_IDENTIFIER: ref("anything")},
            "additionalProperties": False,
        },
        "$if": CONDITION,
        "$value": ref(value),
        "$first": either(choices, levels),
        "$level": {"type": "string"},
    }
    return told(DIRECTIVES[directive], below[directive])
