"""A filter and its place in a mapping → the same filter, which charges, leaves a trace and fails there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from etl.plugin import BadArgument, BadValue
from etl.problems import MappingPlace, Problem
from etl.template.bounds import MAX_RANGE, as_list
from etl.template.environment import Failure, Noted, Sandbox, Step
from etl.template.filters.arguments import NoArgument
from etl.template.named_currencies import WATCHED
from etl.template.operator_site import Written
from etl.template.plain_words import filled_in


def sited(
    env: Sandbox,
    filter_: Callable[..., Any],
    name: str,
    place: MappingPlace,
    written: Written,
    arguments: Mapping[int | str, Written],
) -> Callable[..., Any]:
    """The filter at one place of one template: failures, holds, defaults and steps carry the place.

    `written` is what gives its value; `arguments` are what it is told besides, by position or name.
    """
    value_at = 1 if hasattr(filter_, "jinja_pass_arg") else 0
    # Built-in filters charge for their value and their result themselves: each in its own way.
    foreign = name in env.domain
    first = value_at if foreign else value_at + 1
    weigh = env.budget.weigh
    watched = name in WATCHED

    def at_site(*args: Any, **kwargs: Any) -> Any:
        try:
            args = (*args[:value_at], *map(as_list, args[value_at:]))
            for argument in (*args[first:], *kwargs.values()):
                weigh(argument)
            result = as_list(filter_(*args, **kwargs))
            if foreign:
                weigh(result.value if isinstance(result, Noted) else result)
        except BadValue as error:
            if error.code == "E437":  # a pattern is stopped by the clock: not again and again for one record
                env.budget.give_up()
            help_ = filled_in(error.help, written.text) if written.text else error.help
            said = Problem(error.code, error.message, mapping=place, help=help_)
            raise Failure(said, written.reads, args[value_at]) from error
        except NoArgument as error:
            given: dict[int | str, Any] = dict(enumerate(args[value_at + 1 :]))
            given.update(kwargs)
            nothing = (one for at, one in arguments.items() if _lacks(given.get(at)))
            if (empty := next(nothing, None)) is None:
                raise Failure(Problem("E490", error.message, mapping=place, help=error.help)) from error
            at = next(at for at, one in arguments.items() if one is empty)
            if given[at] is not None:
                told = f"{empty.text} has an empty member: {error.message}"
                lacking = Problem("E490", told, mapping=empty.place, help=error.help)
                raise Failure(lacking, empty.reads) from error
            raise empty.empty(f"give {name}") from error
        except BadArgument as error:  # an argument taken from the record, such as a VAT rate
            raise Failure(Problem("E472", error.message, mapping=place, help=error.help)) from error
        if watched:
            env.recorder.currencies.note(name, place, args, kwargs)
        origin = None
        if isinstance(result, Noted):
            origin = result.origin
            if result.kind == "default":
                env.recorder.defaults[f"{place.file}:{place.line} {result.what}"] += 1
                env.recorder.misses.append((place, result.what))
            if result.problem is not None:
                env.recorder.holds.append((place, result.problem, written.reads))
            result = result.value
        steps = env.recorder.steps
        if steps is not None and len(steps) < MAX_RANGE:  # nobody reads more of one record
            steps.append(Step(name, args[value_at], _as_written(name, args[value_at + 1 :]), result, origin))
        return result

    if value_at:
        at_site.jinja_pass_arg = filter_.jinja_pass_arg  # type: ignore[attr-defined]
    return at_site


def _lacks(argument: Any) -> bool:
    return argument is None or (isinstance(argument, list | tuple) and None in argument)


def _as_written(name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The filter that `map` applies has a name of its place; the author wrote the first word of it."""
    if name == "map" and arguments:
        return (str(arguments[0]).partition(" ")[0], *arguments[1:])
    return arguments
