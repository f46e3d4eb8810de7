"""Arguments tried on a sample before the first record → why the call fails whatever value it gets.

`title | truncate(2)`, `title.startswith(1)`, `range(0, 9, 0)`: what the arguments alone decide is no matter
for records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from jinja2 import Environment, nodes
from jinja2.utils import pass_environment, pass_eval_context

from etl.plugin import BadValue
from etl.template.plain_words import in_plain_words
from etl.template.types import Type, TypeKind

SAMPLE: Final = "sample"
_OF_KINDS: Final[Mapping[TypeKind, Any]] = {
    "text": SAMPLE,
    "integer": 1,
    "decimal": Decimal("1.5"),
    "yes_no": True,
    "date": date(2024, 1, 1),
    "list": [SAMPLE],
    "group": {},
}
_OF_FILTERS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("batch", "groupby", "join", "max", "min", "slice", "sort", "sum", "unique"), ()),
    **dict.fromkeys(("capitalize", "lower", "replace", "string", "title", "trim", "truncate"), SAMPLE),
    **dict.fromkeys(("upper", "wordcount"), SAMPLE),
}
"""Built-in filters → what they are tried on."""
_PASSED: Final[Mapping[Any, Callable[[Environment], Any]]] = {
    pass_environment(lambda _: None).jinja_pass_arg: lambda env: env,  # type: ignore[attr-defined]
    pass_eval_context(lambda _: None).jinja_pass_arg: nodes.EvalContext,  # type: ignore[attr-defined]
}
"""What Jinja gives a filter before its value."""
_NOT_FOUND: Final = "not found"


def always_fails(
    function: Callable[..., Any], arguments: Sequence[nodes.Expr], types: Sequence[Type]
) -> bool:
    """Does a call fail whatever the values of these types? No, where that is not known.

    Constants stand for themselves. An empty separator fails for all, a text that is not found only here.
    """
    given = []
    for node, found in zip(arguments, types, strict=True):
        if isinstance(node, nodes.Const):
            given.append(node.value)
        elif found.kind in _OF_KINDS:
            given.append(_OF_KINDS[found.kind])
        else:
            return False
    return _why(lambda: function(*given)) is not None


def fails_on_sample(
    env: Environment, name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> str | None:
    """Why a built-in filter with these constants fails on any text or list; None where it does not."""
    if name not in _OF_FILTERS:
        return None
    filter_ = env.filters[name]
    passing = _PASSED.get(getattr(filter_, "jinja_pass_arg", None))
    passed = [] if passing is None else [passing(env)]
    return _why(lambda: filter_(*passed, _OF_FILTERS[name], *arguments, **keywords))


def _why(call: Callable[[], Any]) -> str | None:
    try:
        result = call()
        if isinstance(result, Iterator):
            list(result)
    except BadValue:  # a bound of the record (E474), which says so itself
        return None
    except ArithmeticError:
        return "a division by 0"
    except (TypeError, ValueError, AssertionError) as error:
        said = in_plain_words(str(error))
        return None if said.endswith(_NOT_FOUND) else said
    return None
