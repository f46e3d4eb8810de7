"""A filter and arguments for it → the promises every filter makes, as tests.

    class TestShelfmark(FilterSuite):
        filter = staticmethod(shelfmark)
        arguments = ("sv",)
        wrong_arguments = [("xx",), (7,)]

Beside the examples in its docstring a filter gets texts and values that nobody thought of: it answers, or it
raises BadValue, never another exception.
"""

from __future__ import annotations

import copy
import doctest
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.plugin import BadArgument, BadValue
from etl.template.annotations import signature_of
from etl.template.types import holds
from etl.testing.steady import STEADY

_TEXTS = st.text(max_size=60) | st.from_regex(r"[0-9 .,:;/()Xx\-]{1,25}", fullmatch=True)
_LEAVES = _TEXTS | st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.dates()
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
_KINDS = (str, int, bool, Decimal, date, list, dict)


class FilterSuite:
    """Subclass it, name the class Test…, and set `filter`; `arguments` if it needs any."""

    filter: ClassVar[Callable[..., Any]]
    """The function, wrapped in staticmethod()."""
    arguments: ClassVar[Sequence[Any]] = ()
    """Right positional arguments after the value."""
    keywords: ClassVar[Mapping[str, Any]] = {}
    wrong_arguments: ClassVar[Sequence[Sequence[Any]]] = ()
    """Positional arguments that no value could make right, each refused with BadArgument."""

    # ------------------------------------------------------------------------------- what it declares

    def test_says_what_it_does(self) -> None:
        first, _, rest = (inspect.getdoc(self.filter) or "").partition("\n\n")
        assert first.strip(), "the first line of the docstring is what `etl list filters` shows"
        assert ">>>" in rest, "show it with examples"

    def test_examples_are_true(self) -> None:
        said: list[str] = []
        runner = doctest.DocTestRunner(verbose=False)
        plain = inspect.unwrap(self.filter)
        for test in doctest.DocTestFinder().find(plain, plain.__name__, globs=dict(plain.__globals__)):
            runner.run(test, out=said.append)
        assert runner.summarize(verbose=False).failed == 0, "".join(said)

    def test_takes_the_value_first(self) -> None:
        first = next(iter(inspect.signature(self.filter).parameters.values()))
        assert first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
        assert first.default is first.empty

    def test_says_what_it_takes_and_gives(self) -> None:
        """By the annotations of its value and its result templates are checked before the first record."""
        first = next(iter(inspect.signature(self.filter).parameters))
        hints = typing.get_type_hints(inspect.unwrap(self.filter))
        assert {first, "return"} <= hints.keys(), "annotate the value and the result"

    def test_what_it_takes_and_gives_is_true_of_its_examples(self) -> None:
        signature = signature_of(self.filter)
        for value, result in self._examples():
            assert signature.takes is None or any(holds(one, value) for one in signature.takes), value
            assert holds(signature.gives, result), result

    # ------------------------------------------------------------------------------------ what it does

    @pytest.mark.parametrize("missing", [None, "", " ", "\t\u00a0"])
    def test_a_missing_value_stays_missing(self, missing: str | None) -> None:
        assert self._apply(missing) is None

    def test_looks_at_its_arguments_before_the_value(self) -> None:
        for wrong in self.wrong_arguments:
            with pytest.raises(BadArgument) as refused:
                self.filter(None, *wrong)
            check_sentence(refused.value.message)

    def test_answers_or_says_why_not(self) -> None:
        """Nothing but BadValue comes out, and what comes out otherwise is plain data of the declared type."""
        gives = signature_of(self.filter).gives

        @settings(STEADY, max_examples=60)
        @given(value=_VALUES)
        def check(value: object) -> None:
            kind, outcome = self._outcome(value)
            if kind == "answer":
                assert outcome is None or isinstance(outcome, _KINDS)
                assert holds(gives, outcome), "the annotation of the result says something else"
                assert not isinstance(outcome, float), "floats round money; answer with a Decimal"
            else:
                assert re.fullmatch(r"E\d{3}", kind)
                check_sentence(str(outcome))

        check()

    def test_the_same_value_gives_the_same_answer(self) -> None:
        @settings(STEADY, max_examples=30)
        @given(text=_TEXTS)
        def check(text: str) -> None:
            assert self._outcome(text) == self._outcome(text)

        check()

    def test_leaves_what_it_is_given_as_it_was(self) -> None:
        @settings(STEADY, max_examples=20)
        @given(items=st.lists(_TEXTS, max_size=4))
        def check(items: list[str]) -> None:
            before = copy.copy(items)
            self._outcome(items)
            assert items == before

        check()

    # ---------------------------------------------------------------------------------------- plumbing

    def _examples(self) -> list[tuple[Any, Any]]:
        """Value and result of each call in the docstring that answers."""
        plain = inspect.unwrap(self.filter)
        calls: list[tuple[Any, Any]] = []

        def recorded(value: Any, *args: Any, **kwargs: Any) -> Any:
            result = plain(value, *args, **kwargs)
            calls.append((value, getattr(result, "value", result)))
            return result

        names = {**plain.__globals__, plain.__name__: recorded}
        for test in doctest.DocTestFinder().find(plain, plain.__name__, globs=names):
            doctest.DocTestRunner(verbose=False).run(test, out=lambda _text: None)
        return calls

    def _apply(self, value: object) -> Any:
        return self.filter(
            value,
            *copy.deepcopy(list(self.arguments)),
            **copy.deepcopy(dict(self.keywords)),
        )

    def _outcome(self, value: object) -> tuple[str, object]:
        try:
            return "answer", self._apply(value)
        except BadValue as bad:
            return bad.code, bad.message


def check_sentence(message: str) -> None:
    """One line that can be printed to a terminal whatever the value was."""
    assert message.strip()
    assert message.isprintable(), "show invisible characters in escaped form"
    assert len(message) < 500
