"""What the types say beforehand and what evaluation does agree, in both directions, over all types and values.

What fails for its types was refused or is of unknown type; what is accepted as a type gives it or nothing; what
is refused really fails, or is true for no value.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_values import DOMAIN, ENV, SCOPE, VALUES, known_all_through, read, tried

from etl.template.types import NOTHING, UNKNOWN, holds
from etl.testing.steady import STEADY

ORDER = ("<", "<=", ">", ">=")
EQUALITY = ("==", "!=")
RECKONING = ("+", "-", "*", "//", "%")
WITHIN = ("in", "not in")
ARGUMENTS = {
    "account": "('plain')",
    "batch": "(2)",
    "date": "('iso')",
    "default": "('x')",
    "d": "('x')",
    "fixed": "(0, 2)",
    "groupby": "('library')",
    "map": "('string')",
    "map_value": "({'Å': 'x'}, missing='y')",
    "match": "('[0-9]', optional=true)",
    "minus_vat": "(6)",
    "net": "(10)",
    "pad_left": "(8)",
    "plus_vat": "(6)",
    "rejectattr": "('library')",
    "replace": "('a', 'b')",
    "replace_re": "('a', 'b')",
    "selectattr": "('library')",
    "share_out": "([2, 1], ['BOOKS', 'LAW'])",
    "slice": "(2)",
    "split_codes": "(['HUV'], ['BARN'])",
    "system_number": "('BURK')",
    "truncate_bytes": "(20)",
}
WORKS_AND_IS_REFUSED = {
    ("word", "*", "count"),  # '2.50' * 2 is '2.502.50': a text repeated, where a price was meant
    ("count", "*", "word"),
    ("word", "*", "flag"),
    ("flag", "*", "word"),
    *itertools.product(("word",), ORDER, ("word",)),  # letter by letter: '3' comes after '20'
    *itertools.product(("flag",), EQUALITY, ("count", "price")),  # as Python has it, where true is 1
    *itertools.product(("count", "price"), EQUALITY, ("flag",)),
    ("flag", "in", "counts"),
    ("flag", "not in", "counts"),
    *itertools.product(("flag",), ORDER, ("count", "price")),
    *itertools.product(("count", "price"), ORDER, ("flag",)),
    # what an identifier's filter declares: a number has lost its leading zero already
    *itertools.product(
        ("count",),
        ("isbn13", "isbn10", "isbns", "valid_isbn", "issn", "ismn", "ean", "currency"),
    ),
    *itertools.product(("count",), ("fixed", "leader_type", "strip_isbd", "split_codes")),
    *itertools.product(("places",), ("max", "min", "sort")),  # of one group alone
    *itertools.product(("place", "words", "counts", "places"), ("lower", "upper", "string", "title", "trim")),
    *itertools.product(
        ("place", "words", "counts", "places"), ("capitalize", "truncate", "wordcount")
    ),  # as Python writes it
    *itertools.product(("counts", "places"), ("select", "reject")),  # 0 would be dropped
    ("places", "map"),
    *itertools.product(("word", "words", "counts"), ("groupby",)),  # all are alike without the member
}


def _pairs(*names: str) -> list[dict[str, Any]]:
    return [
        dict(zip(names, values, strict=True)) for values in itertools.product(*(VALUES[one] for one in names))
    ]


@pytest.mark.parametrize("operator", [*ORDER, *EQUALITY, *RECKONING, *WITHIN])
def test_operators_between_all_types(operator: str) -> None:
    for left, right in itertools.product(SCOPE, SCOPE):
        other = right if right != left else f"({right})"
        expression = f"{left} {operator} {other}"
        found, misfits = read(expression)
        outcomes = [tried(expression, one) for one in _pairs(*dict.fromkeys((left, right)))]
        if misfits:
            assert [one.code for one in misfits] == ["E240"], expression
            if (left, operator, right) not in WORKS_AND_IS_REFUSED:
                never = {"==": False, "!=": True, "in": False, "not in": True}.get(operator)
                assert all(one.failed or one.value is never for one in outcomes), expression
        elif found != UNKNOWN:
            for one in outcomes:
                assert not one.of_types, f"{expression}: {one.said}"
                assert one.failed or holds(found, one.value), (expression, one.value)


@pytest.mark.parametrize("name", sorted(ENV.known_filters))
def test_filters_of_all_types(name: str) -> None:
    for subject in SCOPE:
        expression = f"{subject} | {name}{ARGUMENTS.get(name, '')}"
        found, misfits = read(expression)
        outcomes = [tried(expression, {subject: value}) for value in VALUES[subject]]
        if misfits:
            if (subject, name) not in WORKS_AND_IS_REFUSED:
                for value in VALUES[subject]:
                    if not value or str(value).isspace():  # nothing to go through, nothing to take amiss
                        continue
                    assert tried(expression, {subject: value}).failed, (expression, value)
        else:
            for one in outcomes:
                assert not one.of_types, f"{expression}: {one.said}"
                assert one.failed or holds(found, one.value), (expression, one.value, str(found))


@pytest.mark.parametrize(
    "test", ["odd", "even", "divisibleby(2)", "gt(1)", "eq('a')", "in(words)", "lt(day)"]
)
def test_tests_of_all_types(test: str) -> None:
    for subject in SCOPE:
        expression = f"{subject} is {test}"
        _, misfits = read(expression)
        for values in _pairs(*dict.fromkeys((subject, "words", "day"))):
            one = tried(expression, values)
            if misfits:
                assert one.failed or one.value is False, expression
            else:
                assert not one.of_types, f"{expression}: {one.said}"


@pytest.mark.parametrize("subject", SCOPE)
def test_members_of_all_types(subject: str) -> None:
    """A dot, a name in brackets and a number in brackets, of what there is and of what there is not."""
    for access in (".library", "['library']", ".libary", "['libary']", "[0]"):
        expression = subject + access
        found, misfits = read(expression)
        for value in VALUES[subject]:
            one = tried(expression, {subject: value})
            if misfits:
                assert one.failed, expression
            elif found != UNKNOWN and value not in ([], ""):
                assert not one.failed, f"{expression}: {one.said}"
                assert holds(found, one.value), expression


# ------------------------------------------------------------------------------ nested, made by chance

_NAMES = st.sampled_from([*SCOPE, "place.library", "place.copies", "place.sum", "places[0].copies"])
_LITERALS = st.sampled_from(["'a'", "'20'", "''", "0", "20", "none", "true", "[]", "['a']", "[1, 2]"])
_OPERATORS = st.sampled_from([*ORDER, *EQUALITY, "+", "-", "*", *WITHIN, "~"])
_CALLS = st.sampled_from(
    [
        *("integer", "decimal", "amount", "squeeze", "fold", "isbn13", "yes_no", "round_amount", "date"),
        *("list", "first", "last", "length", "sum", "join(', ')", "upper", "abs", "reverse", "max", "sort"),
        *("map(attribute='copies')", "map(attribute='library')", "map('string')", "map('integer')"),
        *("sort(attribute='library')", "selectattr('copies', 'gt', 1)", "join_nonempty", "default('x')"),
        *("unique", "batch(2)", "select('ne', none)", "sum(attribute='sum')", "map_value({'a': 1}, none)"),
    ]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, _OPERATORS, inner),
        st.builds("({} | {})".format, inner, _CALLS),
        st.builds("({} if {} == {} else {})".format, inner, inner, inner, inner),
        st.builds("({} is none)".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'x': {}, 'y': {}}}.x".format, inner, inner),
    )


_EXPRESSIONS = st.recursive(_NAMES | _LITERALS, _larger, max_leaves=5)
_RECORDS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})


def test_expressions_made_by_chance() -> None:
    """The types see all that fails for its types, and tell what comes out; not because nothing is known."""
    counted = {"refused": 0, "known": 0, "unknown": 0}

    @settings(STEADY, max_examples=1200)
    @given(expression=_EXPRESSIONS, records=st.lists(_RECORDS, min_size=1, max_size=3))
    def check(expression: str, records: list[dict[str, Any]]) -> None:
        found, misfits = read(expression)
        if misfits:
            counted["refused"] += 1
            return
        known = known_all_through(expression)
        counted["known" if known else "unknown"] += 1
        for values in records:
            one = tried(expression, values)
            if known:
                assert not one.of_types, f"{expression}: {one.said}"
            assert one.failed or found == NOTHING or holds(found, one.value), (
                expression,
                one.value,
                str(found),
            )

    check()
    assert counted["known"] > counted["unknown"], counted
    assert counted["refused"] > 100, counted


def test_every_filter_of_the_project_has_its_types() -> None:
    for name, filter_ in DOMAIN.items():
        _, misfits = read(f"day | {name}{ARGUMENTS.get(name, '')}")
        assert filter_.__annotations__.get("return"), name
        assert bool(misfits) == (name not in ("date", "alma_date")), name
