"""Spec → Plan, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from datetime import date
from typing import Any

from pydantic import ValidationError

from etl.lookups import Table
from etl.plan import institution, names, sections
from etl.plan.fields import FieldCompiler
from etl.plan.lookup_filter import lookup_filter
from etl.plan.plan import Expression, Plan, Value
from etl.plan.templates import Templates
from etl.plugin import Columns, Connector, Options, Rejected, Source, Target
from etl.problems import Problem, Refusal, Severity
from etl.registry import Registry
from etl.spec.load import Spec, problems_of
from etl.template.environment import Sandbox
from etl.yaml_tree import Mapping, Node, Scalar, Sequence

FROZEN_DATE = date(2001, 1, 1)


def compile_plan(
    spec: Spec,
    registry: Registry,
    *,
    run_date: date,
    parameters: MappingType[str, str] | None = None,
    sample: Source | None = None,
    institution_file: str | None = None,
) -> Plan:
    """Resolve every name, template, table and type of a mapping.

    `sample` lets connectors with open columns (csv) say what the columns are; `institution_file` takes the
    place of the mapping's own. Raises Refusal with all problems of the mapping at once.
    """
    problems: list[Problem] = []
    connector, options = _connector(spec, registry, problems)
    target = _target(spec, registry, problems)
    values = sections.parameters(spec, parameters or {}, problems)
    tables = sections.lookups(spec, problems)
    env = Sandbox({**_filters(registry), "lookup": lookup_filter(tables, run_date, spec.model.lookups)})
    templates = Templates(env, problems)

    templates.lets = 0
    when = templates.condition(spec.tree.items["when"], "when") if "when" in spec.tree.items else None
    group_by = _names(spec, "group_by", templates)
    let = _lets(spec, templates)
    templates.lets = None
    key = _names(spec, "key", templates)
    user = _user(spec, target, templates)
    checks = sections.checks(spec, templates)
    fields_plan = None
    warnings: list[Problem] = []
    codes = institution.code_check(spec, institution_file, problems)
    if target is not None:
        compiler = FieldCompiler(templates, target, _fragments(spec))
        fields_plan = compiler.compile(spec.tree.items["fields"])
        doubts = institution.doubts_of(compiler.warnings, codes, target, fields_plan, run_date)
        problems += [one for one in doubts if is_error(one)]
        warnings += [one for one in doubts if not is_error(one)]

    plain_tables: dict[str, Table] = {name: one.table for name, one in tables.items()}
    problems += names.lookup_columns(templates.uses, let, plain_tables)
    problems += names.unknown_parameters(templates.uses, spec.model.parameters)
    if connector is not None and options is not None:
        always = _columns(connector, options, None, problems).closed
        columns = _columns(connector, options, sample, problems)
        problems += names.unknown_names(templates.uses, let, columns, bool(group_by), always)
    warnings += names.unused_lets(templates.uses, let, [name for name, _ in key])
    if problems or connector is None or options is None or target is None or fields_plan is None:
        raise Refusal([*dict.fromkeys(problems), *warnings])
    wanted, needs = names.wanted_columns(templates.uses, let)
    return Plan(
        spec=spec,
        connector=connector,
        options=options,
        target=target,
        env=env,
        tables=plain_tables,
        parameters=values,
        run_date=run_date,
        key=key,
        when=when,
        group_by=group_by,
        user=user,
        let=tuple(let),
        fields=fields_plan,
        checks=checks,
        guards=sections.guards(spec),
        wanted=wanted,
        needs=needs,
        warnings=tuple(dict.fromkeys(warnings)),
        codes=codes,
    )


def check_columns(plan: Plan, columns: Columns) -> list[Problem]:
    """Columns the mapping needs and a file does not have: known once its header has been seen."""
    if not columns.closed:
        return []
    missing = [name for name in plan.needs if name not in columns.names]
    return [names.unknown_column(name, plan.needs[name], columns) for name in missing]


def _connector(
    spec: Spec, registry: Registry, problems: list[Problem]
) -> tuple[Connector | None, Options | None]:
    try:
        connector: Connector = registry.get(
            "connectors", spec.model.source.connector, spec.place("source", "connector")
        )()
    except Refusal as refusal:
        problems += refusal.problems
        return None, None
    try:
        return connector, connector.Options.model_validate(spec.model.source.options)
    except ValidationError as error:
        problems += problems_of(error, spec.tree, connector.Options, ("source", "options"))
        return connector, None


def _columns(
    connector: Connector, options: Options, sample: Source | None, problems: list[Problem]
) -> Columns:
    """What the connector says its columns are; unknown when it cannot read the sample.

    That one file was cut off is no fault of the mapping: it is told when the file's turn comes.
    """
    try:
        return connector.columns(options, sample)
    except Refusal as refusal:
        problems += [problem for problem in refusal.problems if problem.code != Rejected.NOT_WHOLE]
        return Columns({}, closed=False)


def _target(spec: Spec, registry: Registry, problems: list[Problem]) -> Target | None:
    try:
        target: Target = registry.get("targets", spec.model.target, spec.place("target"))()
    except Refusal as refusal:
        problems += refusal.problems
        return None
    return target


def _filters(registry: Registry) -> dict[str, Callable[..., Any]]:
    return {name: registry.get("filters", name) for name in registry.names("filters")}


def _names(spec: Spec, section: str, templates: Templates) -> tuple[tuple[str, Expression], ...]:
    node = spec.tree.items.get(section)
    if node is None:
        return ()
    members = node.items if isinstance(node, Sequence) else [node]
    if not members:
        templates.refuse("E203", f"{section} is empty", node.place(), "name at least one column")
    found = [templates.name_or_template(member) for member in members]
    return tuple(one for one in found if one is not None)


def _lets(spec: Spec, templates: Templates) -> list[tuple[str, Value]]:
    node = spec.tree.items.get("let")
    compiled: list[tuple[str, Value]] = []
    if not isinstance(node, Mapping):
        return compiled
    for name, child in node.items.items():
        templates.lets = len(compiled)
        if name in names.GIVEN:
            templates.refuse(
                "E225", f'"{name}" cannot be a let: it is {names.GIVEN[name]}', node.key_place(name)
            )
        compiled.append((name, templates.value(child)))
    return compiled


def _fragments(spec: Spec) -> dict[str, Node]:
    node = spec.tree.items.get("fragments")
    return dict(node.items) if isinstance(node, Mapping) else {}


def _user(spec: Spec, target: Target | None, templates: Templates) -> Value | None:
    node = spec.tree.items.get("user")
    if target is not None and target.needs_user and node is None:
        templates.refuse(
            "E226",
            f"{target.name} needs user: who requests",
            spec.place("target"),
            'for example  user: "{{ requester }}"',
        )
    if target is not None and not target.needs_user and isinstance(node, Scalar) and not node.is_null:
        templates.refuse(
            "E226", f"{target.name} has no user", node.place(), "user belongs to purchase_request"
        )
    return templates.value(node) if node is not None else None


def is_error(problem: Problem) -> bool:
    """Does it stop the mapping from being used?"""
    return problem.severity is not Severity.WARNING
