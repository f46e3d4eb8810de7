"""The schema of mapping files: right as a schema, true to the language, and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import yaml
from editor_slips import HEAD, MORE, SEEDED

from etl.plugin import Shape
from etl.registry import KINDS, Registry
from etl.spec.directives import DIRECTIVES, VERDICTS
from etl.spec.load import plain
from etl.spec.model import MappingFile
from etl.spec.schema import mapping_schema
from etl.testing.shapes import BAD, GOOD
from etl.yaml_tree import YamlText, parse

ROOT = Path(__file__).parents[2]
FILES = [
    path
    for pattern in ("mappings/*/*.yaml", "examples/*/*.yaml", "tests/real/mappings/*.yaml")
    for path in sorted(ROOT.glob(pattern))
]
REGISTRY = Registry.installed()
TARGETS = REGISTRY.names("targets")


class EditorYaml(yaml.SafeLoader):
    """YAML 1.2 as editors read it (core schema): `no` and dates are text, `0123` and `1e3` are numbers."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for tag, pattern, first in (
    ("null", r"(?:~|null|Null|NULL|)\Z", "~nN"),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    ("int", r"[-+]?[0-9]+\Z", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z", "-+.0123456789"),
):
    EditorYaml.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))
EditorYaml.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
EditorYaml.yaml_implicit_resolvers[""] = EditorYaml.yaml_implicit_resolvers["~"]

READERS = {
    "ours": lambda text: plain(parse(YamlText("m.yaml", text))),
    "an editor's": lambda text: yaml.load(text, EditorYaml),  # noqa: S506 - it is a SafeLoader
    "YAML 1.1": yaml.safe_load,
}


@cache
def schema() -> dict[str, Any]:
    return mapping_schema(REGISTRY)


def wrong(document: Any) -> list[str]:
    found = jsonschema.Draft7Validator(schema()).iter_errors(document)
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in found]


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_shipped_mapping_is_right(path: Path, reader: str) -> None:
    document = READERS[reader](path.read_text(encoding="utf-8"))
    if "version" in document or "extends" in document:  # else it is another YAML file
        assert wrong(document) == []


def test_what_a_base_may_say_is_not_missed() -> None:
    assert wrong({"extends": "base.yaml", "fields": {"rush": True}}) == []
    assert wrong({"version": 1, "name": "base", "target": "po_line"}) == []
    assert wrong({"name": "base"}) == [": 'version' is a required property"]
    alone = {"version": 1, "name": "alone", "source": {"connector": "csv"}}
    assert {one.split("'")[1] for one in wrong(alone)} == {"target", "key", "fields"}


@pytest.mark.parametrize("text", [slip[0] for slip in (*SEEDED, *MORE)])
def test_slips_are_refused(text: str) -> None:
    assert wrong(READERS["an editor's"](HEAD + text))


# ------------------------------------------------------------------------------- nothing is left out


def members(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The keys that may stand in a group, with what the schema says of each."""
    found: dict[str, Any] = {}
    if "$ref" in node:
        found |= members(schema()["definitions"][node["$ref"].rpartition("/")[2]])
    for one in (*node.get("allOf", ()), *node.get("anyOf", ())):
        found |= members(one)
    for keyword in node.keys() & {"then", "else"}:
        found |= members(node[keyword])
    found |= node.get("properties", {})  # what is said here counts more than what is added below
    return {name: one for name, one in found.items() if one}


def test_every_key_of_the_language_is_there() -> None:
    model = MappingFile.model_json_schema()
    found = members(schema())
    wanted = {(name,) for name in MappingFile.model_fields}
    for name, part in model["properties"].items():
        used = re.search(r"#/\$defs/(\w+)", str(part))
        wanted |= {(name, key) for key in model["$defs"][used[1]]["properties"]} if used else set()
    for name, *inner in sorted(wanted):
        one = found[name]
        assert one["description"], name
        for key in inner:
            below = members(one) | {
                key: said
                for kind in one["anyOf"]
                for named in kind.get("patternProperties", {}).values()
                for key, said in members(named).items()
            }
            assert below[key]["description"], (name, key)


def fields(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
    for name, one in shape.members.items():
        yield (*path, name), one
        inner = one.item if one.kind == "list" and one.item else one
        yield from fields(inner, (*path, name))


def below(node: dict[str, Any]) -> dict[str, Any]:
    """The keys of the group, or of the members of the list, that may stand at a place."""
    if "$ref" in node:
        return below(schema()["definitions"][node["$ref"].rpartition("/")[2]])
    found: dict[str, Any] = {}
    for one in (*node.get("allOf", ()), *node.get("anyOf", ())):
        found |= below(one["items"]) if "items" in one else below(one)
    return found | members(node)


@pytest.mark.parametrize("target", TARGETS)
def test_every_field_is_there_with_its_meaning_and_codes(target: str) -> None:
    shape = REGISTRY.get("targets", target).shape
    for path, one in fields(shape):
        node = schema()["definitions"][target]
        hidden = False
        for name in path:
            known = below(node)
            hidden = name not in known
            if hidden:
                break
            node = known[name]
        assert hidden == one.output_only or not hidden, path
        if not hidden:
            assert node["description"].startswith(one.doc), path
            assert all(f"'{code}'" in str(kinds_of(node)) for code in one.codes), path


def kinds_of(node: dict[str, Any]) -> dict[str, Any]:
    (kind,) = node["allOf"]
    definition: dict[str, Any] = schema()["definitions"][kind["$ref"].rpartition("/")[2]]
    return definition


@pytest.mark.parametrize("kind", ["connectors", "sinks"])
def test_every_option_is_there_with_its_meaning(kind: str) -> None:
    source = members(schema())["source"]["anyOf"][0]["allOf"]
    sink = members(schema())["sink"]["anyOf"][0]["allOf"]
    for name in REGISTRY.names(kind):
        key = "connector" if kind == "connectors" else "type"
        (group,) = (
            one["then"]
            for one in (source if kind == "connectors" else sink)
            if one["if"].get("properties", {}).get(key) == {"enum": [name]}
        )
        known = members(members(group)["options"]) if kind == "connectors" else members(group)
        for option in REGISTRY.get(kind, name).Options.model_fields:
            assert known[option]["description"], (name, option)


def test_every_filter_is_there_with_its_meaning() -> None:
    lines = schema()["properties"]["let"]["description"].splitlines()
    for name in REGISTRY.names("filters"):
        assert [line for line in lines if line.startswith(f"{name}: ") and len(line) > 20], name


def test_directives_and_verdicts_are_there() -> None:
    assert members(schema()["definitions"]["anything.member"]).keys() == DIRECTIVES.keys()
    check = members(schema())["checks"]["anyOf"][0]["items"]
    assert members(check).keys() == {"if", *VERDICTS}


# ------------------------------------------------------------------------ what the language takes, it takes


def at(shape: Shape, path: tuple[str, ...], value: Any) -> Any:
    """A document with this value at a place, and nothing else."""
    if shape.kind == "list" and shape.item:
        return [at(shape.item, path, value)] if path else value
    return {path[0]: at(shape.members[path[0]], path[1:], value)} if path else value


PLACES = [
    (target, path, one)
    for target in TARGETS
    for path, one in fields(REGISTRY.get("targets", target).shape)
    if not one.output_only
]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "{{ it }}",
        {"$if": "{{ it }}", "$value": "{{ it }}"},
        {"$first": ["{{ it }}", {"$level": "column", "line": "{{ it }}"}]},
        {"$first": {"line": "{{ it }}", "global": None}},
        {"$let": {"x": ["a", 1, {"b": None}]}, "$include": "fragment"},
    ],
    ids=str,
)
def test_nothing_a_template_and_directives_may_stand_for_every_field(value: Any) -> None:
    for target, path, _ in PLACES:
        document = at(REGISTRY.get("targets", target).shape, path, value)
        assert wrong({"version": 1, "target": target, "fields": document}) == [], path


def test_constants_are_taken_and_refused_as_by_the_target() -> None:
    seen = 0
    for name, path, shape in PLACES:
        target = REGISTRY.get("targets", name)()
        for value in (*GOOD.get(shape.kind, ()), *BAD.get(shape.kind, ()), *shape.codes, "no such code"):
            if shape.kind in ("object", "list"):
                continue
            fault = target.check_constant(path, value)
            ours = wrong({"version": 1, "target": name, "fields": at(target.shape, path, value)})
            if fault is None or fault.code in target.open_codes:
                assert ours == [], (path, value)
            elif value in BAD.get(shape.kind, ()) and value not in ("2024-02-30", "-1"):
                assert ours, (path, value)
            seen += 1
    assert seen > 500


def test_what_is_installed_is_there_and_what_is_broken_hides_nothing() -> None:
    points = {kind: dict(REGISTRY.points[kind]) for kind in KINDS}
    points["connectors"] = {
        "fjord": EntryPoint("fjord", "connectors.csv_file:CsvConnector", "etl.connectors"),
        "gone": EntryPoint("gone", "no.such.module:Nothing", "etl.connectors"),
    }
    found = mapping_schema(Registry(points))
    connector = found["properties"]["source"]["anyOf"][0]["properties"]["connector"]
    assert connector["anyOf"][0]["enum"] == ["fjord"]
    assert "delimiter" in found["definitions"]["options.fjord"]["properties"]
    jsonschema.Draft7Validator.check_schema(found)
