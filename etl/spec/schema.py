"""The mapping language, and what is installed to use in it → its JSON Schema, for editors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etl.plugin import Columns, Connector
from etl.problems import Refusal
from etl.registry import Registry
from etl.spec.model import MappingFile
from etl.spec.shape_schema import CHECK, CONDITION, NAME, definitions, ref
from etl.spec.written_schema import NULL, Written, either, one_of, told, written


def mapping_schema(registry: Registry) -> Written:
    """JSON Schema (draft 7, which editors know best) of a mapping file.

    It knows the fields of every target with their codes, the options and columns of every connector, the
    options of every sink, and the filters. Laxer than `etl check` where one file cannot tell: names, what a
    base has said, and what stands inside a template.
    """
    connectors, targets, sinks = (_loaded(registry, kind) for kind in ("connectors", "targets", "sinks"))
    schema = written(MappingFile)
    properties = schema["properties"]
    _say(properties, "target", one_of(_summaries(targets), "no such target: etl list targets"))
    _templated(properties)
    filters = (f"{name}: {registry.summary('filters', name)}" for name in registry.names("filters"))
    properties["let"]["description"] += "\n".join([". Templates have these filters:", *filters])
    unknown = Columns({}, closed=False)
    columns = {name: one.columns_by_default() or unknown for name, one in connectors.items()}
    _source(properties["source"]["anyOf"][0], connectors, columns)
    properties["sink"]["anyOf"][0] = _sink(sinks)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **schema,
        "definitions": definitions({name: target.shape for name, target in targets.items()})
        | {f"options.{name}": written(one.Options, columns[name].names) for name, one in connectors.items()},
        "allOf": [*_of_targets(targets), *_of_columns(columns), *_whole()],
    }


def _templated(properties: Written) -> None:
    """What the model leaves to the plan: sections of templates, names and shapes."""
    properties["version"] = told("Version of the mapping language: 1", {"enum": [1, "1"]})
    for name in ("key", "group_by"):
        _say(properties, name, either(NAME, {"type": "array", "items": NAME, "minItems": 1}))
    _say(properties, "when", CONDITION)
    _say(properties, "user", {"type": ["string", "number"]})
    _say(properties, "fields", {"type": "object"})
    _say(properties, "checks", {"type": "array", "items": CHECK})
    for name in ("let", "fragments"):
        group = properties[name]["anyOf"][0]
        group["patternProperties"] = dict.fromkeys(group["patternProperties"], ref("anything"))
    for name, one in properties["identity"]["anyOf"][0]["properties"].items():
        one |= either(CONDITION if name == "another" else NAME, NULL)


def _say(properties: Written, name: str, kind: Written) -> None:
    """What may stand below a key, which the model leaves to the plan."""
    properties[name] = {"description": properties[name]["description"], **either(kind, NULL)}


def _loaded(registry: Registry, kind: str) -> dict[str, Any]:
    """What is installed, by name, without what cannot be loaded: `etl list` tells that."""
    found = {name: _thing(registry, kind, name) for name in registry.names(kind)}
    return {name: thing for name, thing in found.items() if thing is not None}


def _thing(registry: Registry, kind: str, name: str) -> Any:
    try:
        return registry.get(kind, name)
    except Refusal:
        return None


def _summaries(things: Mapping[str, Any]) -> dict[str, str]:
    return {name: thing.summary for name, thing in things.items()}


def _is(key: str, *words: str) -> Written:
    return {"required": [key], "properties": {key: {"enum": list(words)}}}


def _lacks(key: str) -> Written:
    return {"not": {"required": [key]}}


# ---------------------------------------------------------------------------------- source and sink


def _source(
    section: Written, connectors: Mapping[str, type[Connector]], columns: Mapping[str, Columns]
) -> None:
    """Options follow the connector. A file that names none may hold those of any."""
    properties = section["properties"]
    _say(properties, "connector", one_of(_summaries(connectors), "no such connector: etl list connectors"))
    options = {name: ref(f"options.{name}") for name in connectors}
    ignore = properties["ignore"]["anyOf"][0]
    section["allOf"] = [
        {
            "if": _is("connector", name),
            "then": {
                "properties": {
                    "options": either(options[name], NULL),
                    "ignore": {
                        "properties": {
                            one: told(doc, ignore["additionalProperties"])
                            for one, doc in columns[name].names.items()
                        }
                    },
                }
            },
        }
        for name in connectors
    ]
    any_options = {"properties": {"options": either(*options.values(), NULL)}}
    section["allOf"].append({"if": _lacks("connector"), "then": any_options})


def _sink(sinks: Mapping[str, Any]) -> Written:
    kind = told("The sink", one_of(_summaries(sinks), "no such sink: etl list sinks"))
    options = {name: written(sink.Options) for name, sink in sinks.items()}
    for one in options.values():
        one["properties"] = {"type": {}} | one["properties"]
    return {
        "type": "object",
        "properties": {"type": kind},
        "allOf": [
            *({"if": _is("type", name), "then": one} for name, one in options.items()),
            {"if": _lacks("type"), "then": either(*options.values())},
        ],
    }


# ------------------------------------------------------------------- what follows from target and source


def _of_targets(targets: Mapping[str, Any]) -> Iterator[Written]:
    """The document below `fields`. A file without target (a base, a child) may hold that of any."""
    for name, target in targets.items():
        known: Written = {"fields": either(ref(name), NULL)}
        if not target.needs_user:
            known["user"] = {"enum": [None], "errorMessage": f"{name} has no user"}
        yield {"if": _is("target", name), "then": {"properties": known}}
    any_document = {"properties": {"fields": either(*map(ref, targets), NULL)}}
    yield {"if": _lacks("target"), "then": any_document}


def _of_columns(columns: Mapping[str, Columns]) -> Iterator[Written]:
    """Names of columns that an editor offers in `key` and the like. Others are names of `let`."""
    same: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name, one in columns.items():
        if one.names:
            same.setdefault(tuple(one.names.items()), []).append(name)
    for names, connectors in same.items():
        offered: Written = {"anyOf": [one_of(dict(names), ""), {}]}
        yield {
            "if": {"required": ["source"], "properties": {"source": _is("connector", *connectors)}},
            "then": {
                "properties": {
                    name: {"anyOf": [{"type": "array", "items": offered}, {}]} for name in ("key", "group_by")
                }
            },
        }


def _whole() -> Iterator[Written]:
    """A file that stands by itself has all there is to have. One without name or source is a base."""
    yield {"if": _lacks("extends"), "then": {"required": ["version"]}}
    alone = {"required": ["name", "source"], "properties": {"source": {"required": ["connector"]}}}
    yield {"if": {**_lacks("extends"), **alone}, "then": {"required": ["target", "key", "fields"]}}
