"""Spec → Plan, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from datetime import date
from typing import Any

from etl.plan import braceless, constants, institution, names, sections, typed
from etl.plan.fields import compile_fields
from etl.plan.lookup_filter import LookupTable, lookup_filter
from etl.plan.plan import Check, Constant, Expression, Members, Plan, Value, ValuePlan, When
from etl.plan.shapes import ShapeCompiler, rows_of
from etl.plan.sight import sight_of
from etl.plan.templates import Templates
from etl.plan.typed import Part
from etl.plugin import Columns, Connector, Options, Rejected, Source, Target
from etl.problems import Problem, Refusal
from etl.records import about_content
from etl.registry import Registry
from etl.spec.load import Spec
from etl.spec.misfits import fitted
from etl.template.environment import Sandbox
from etl.yaml_tree import Mapping, Node, Scalar, Sequence

FROZEN_DATE = date(2001, 1, 1)
_Parts = tuple[
    tuple[tuple[str, Expression], ...], MappingType[str, ValuePlan], Value | None, tuple[Check, ...]
]
"""The key, what identifies the order, the user and the checks."""


def compile_plan(
    spec: Spec,
    registry: Registry,
    *,
    run_date: date,
    parameters: MappingType[str, str] | None = None,
    samples: SequenceType[Source] = (),
    institution_file: str | None = None,
) -> Plan:
    """Resolve every name, template, table and type of a mapping.

    The first of `samples` that can be read lets connectors with open columns (csv) say what the columns are;
    `institution_file` takes the place of the mapping's own. Raises Refusal with all problems of the mapping
    at once.
    """
    problems: list[Problem] = []
    connector, options = _connector(spec, registry, problems)
    target = _target(spec, registry, problems)
    values, tables = sections.parameters(spec, parameters or {}, problems), sections.lookups(spec, problems)
    env = Sandbox({**_filters(registry), "lookup": lookup_filter(tables, run_date, spec.model.lookups)})
    templates = Templates(env, problems)
    when, group_by = _before_let(spec, templates)
    compiler = _shapes(spec, templates, tables)
    let = _lets(spec, compiler)
    key, known_by, user, checks = parts = _parts(spec, target, templates)
    warnings, codes = sections.dashes(tables), institution.code_check(spec, institution_file, problems)
    fields_plan, doubts = _fields(spec, target, compiler)
    if target is not None and fields_plan is not None:
        _tell(institution.doubts_of(doubts, codes, target, fields_plan, run_date), problems, warnings)
    columns = _columns(spec, connector, options, samples, problems)
    always = _columns(spec, connector, options, (), problems).closed
    may_lack, grouped = names.lacking(columns, always), bool(group_by)
    problems += _unknown_names(spec, templates, let, columns, grouped, may_lack)
    problems += names.unmet(spec, let, columns)
    _tell(names.lost_levels(spec, templates, compiler), problems, warnings)
    _tell(names.hiding(templates.made, columns, always), problems, warnings)
    warnings += names.misspelt_ignored(spec, columns, may_lack)
    whole = _with_fields(parts, fields_plan, target)
    sight = sight_of(columns, may_lack, spec.model.parameters, grouped)

    def faults_of(lets: MappingType[str, ValuePlan]) -> list[Problem]:
        found = typed.type_problems(env, sight, tables, when, group_by, lets, whole)
        return found + constants.failing(templates.uses, lets, env, [*problems, *found])

    in_sight = braceless.InSight(columns, let, spec.model.parameters, names.GIVEN)
    _tell(braceless.judged(templates.texts, in_sight, problems, faults_of), problems, warnings)
    problems += constants.same_for_all(spec, let, {"key": key, "group_by": group_by}, problems)
    if not problems:  # else a template that failed may be the one that reads it
        problems += names.unused_lets(spec, templates, compiler, let)
    if problems or connector is None or options is None or target is None or fields_plan is None:
        raise Refusal([*dict.fromkeys(problems), *warnings])
    wanted, needs = names.wanted_columns(templates.uses, let, connector)
    read = names.read_names(templates.uses) | {name for name, _ in key}
    return Plan(
        spec=spec,
        connector=connector,
        options=options,
        target=target,
        env=env,
        tables={name: one.table for name, one in tables.items()},
        parameters=values,
        run_date=run_date,
        key=key,
        when=when,
        group_by=group_by,
        user=user,
        let=tuple((name, plan) for name, plan in let.items() if name in read),
        fields=fields_plan,
        identity=known_by,
        checks=checks,
        guards=sections.guards(spec),
        wanted=wanted,
        members=names.members_read(templates.uses),
        needs=needs,
        warnings=tuple(dict.fromkeys(warnings)),
        codes=codes,
    )


def _fields(
    spec: Spec, target: Target | None, compiler: ShapeCompiler
) -> tuple[Members | None, list[Problem]]:
    """What fills the document, and what is doubtful in it."""
    doubts: list[Problem] = []
    if target is None:
        return None, doubts
    return compile_fields(spec.tree.items["fields"], target, compiler, doubts), doubts


def _parts(spec: Spec, target: Target | None, templates: Templates) -> _Parts:
    key, user = _names(spec, "key", templates), _user(spec, target, templates)
    return key, sections.identity(spec, templates), user, sections.checks(spec, templates)


def _tell(found: Iterable[Problem], problems: list[Problem], warnings: list[Problem]) -> None:
    """Each where it belongs."""
    for one in found:
        (problems if is_error(one) else warnings).append(one)


def _with_fields(parts: _Parts, fields: ValuePlan | None, target: Target | None) -> list[Part]:
    """What reads the whole of let, in the order in which it is told; the fields with what they fill."""
    key, known_by, user, checks = parts
    found = [Part(part, word="key") for _, part in key]
    for name, plan in known_by.items():
        found.append(Part(plan, word="" if isinstance(plan, When) else f"identity.{name}", many=True))
    found += [Part(user, word="user")] if user is not None else []
    found += [Part(fields, None if target is None else target.shape)] if fields is not None else []
    for check in checks:
        asked = When(check.condition, Constant(None, check.message.place), check.place)
        found.append(Part(asked))
        if isinstance(check.message, Expression):
            found.append(Part(check.message, word="the message of a check"))
    return found


def check_columns(plan: Plan, columns: Columns) -> list[Problem]:
    """Columns the mapping needs and a file does not have: known once its header has been seen."""
    if not columns.closed:
        return []
    missing = {name: place for name, place in plan.needs.items() if name not in columns.names}
    if missing and columns.doubt:
        return [at_source(plan.spec, columns.doubt)]
    if len(missing) == len(plan.needs) and (one := names.no_header(missing, columns)):
        return [one]
    return [names.unknown_column(name, place, columns) for name, place in missing.items()]


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
        return connector, fitted(
            connector.Options, spec.model.source.options, spec.tree, ("source", "options")
        )
    except Refusal as refusal:
        problems += refusal.problems
        return connector, None


def _unknown_names(
    spec: Spec,
    templates: Templates,
    let: names.Lets,
    columns: Columns,
    grouped: bool,
    may_lack: Callable[[str], bool],
) -> list[Problem]:
    found = names.unknown_names(templates.uses, let, columns, grouped, may_lack)
    if found and columns.doubt:
        return [at_source(spec, columns.doubt)]
    missing = names.needed_columns(templates.uses, let)
    if found and not missing.keys() & columns.names.keys() and (one := names.no_header(missing, columns)):
        return [one]
    return found


def at_source(spec: Spec, problem: Problem) -> Problem:
    """What a connector says of a column that the mapping declares, or of all, with the place of that."""
    if problem.data is None or (problem.data.field is None and problem.code != "E120"):
        return problem
    column = ("options", "columns", problem.data.field) if problem.data.field else ()
    return problem.at(mapping=spec.place("source", *column))


def at_column(spec: Spec, problem: Problem) -> Problem:
    """What a connector says of a value, with the place of its column, if the mapping declares that."""
    declared = spec.model.source.options.get("columns")
    field = problem.data.field if problem.data else None
    return at_source(spec, problem) if isinstance(declared, dict) and field in declared else problem


def _columns(
    spec: Spec,
    connector: Connector | None,
    options: Options | None,
    samples: SequenceType[Source],
    problems: list[Problem],
) -> Columns:
    """What the connector says its columns are; unknown without one, and when it can read none of the samples.

    What is wrong with one of several files, or that one was cut off, is no fault of the mapping: it is told
    when the file's turn comes.
    """
    if connector is None or options is None:
        return Columns({}, closed=False)
    found: list[Problem] = []
    for sample in samples or (None,):
        try:
            return connector.columns(options, sample)
        except Refusal as refusal:
            found += [at_source(spec, one) for one in refusal.problems]
            if not about_content(refusal.problems):
                break
    if not any(problem.code == Rejected.NOT_WHOLE for problem in found):
        problems += found
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


def _before_let(
    spec: Spec, templates: Templates
) -> tuple[Expression | None, tuple[tuple[str, Expression], ...]]:
    """`when` and `group_by`, which read columns."""
    templates.sees_lets = False
    when = templates.condition(spec.tree.items["when"], "when") if "when" in spec.tree.items else None
    group_by = _names(spec, "group_by", templates)
    templates.sees_lets = True
    return when, group_by


def _shapes(spec: Spec, templates: Templates, tables: MappingType[str, LookupTable]) -> ShapeCompiler:
    return ShapeCompiler(
        templates,
        _group(spec, "fragments"),
        spec.model.levels,
        lambda plan: rows_of(plan, lambda one: names.declared_columns(one, tables)),
        frozenset(spec.model.parameters),
        frozenset(_group(spec, "let").keys() | names.GIVEN.keys()),
    )


def _lets(spec: Spec, compiler: ShapeCompiler) -> dict[str, ValuePlan]:
    node = spec.tree.items.get("let")
    if not isinstance(node, Mapping):
        return {}
    for name in node.items:
        if name in names.GIVEN:
            said = f'"{name}" cannot be a let: it is {names.GIVEN[name]}'
            compiler.templates.refuse("E225", said, node.key_place(name))
        compiler.templates.made.append((name, node.key_place(name)))
    return compiler.named(node, ("let",))


def _group(spec: Spec, section: str) -> dict[str, Node]:
    node = spec.tree.items.get(section)
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
    if node is None or (isinstance(node, Scalar) and node.is_null and not (target and target.needs_user)):
        return None
    before = len(templates.problems)
    user = templates.text(node, "user")
    return user if len(templates.problems) == before else None  # what is wrong with it is said


def is_error(problem: Problem) -> bool:
    """Does it stop the mapping from being used?"""
    return problem.severity.stops
