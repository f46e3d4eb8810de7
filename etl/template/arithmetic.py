"""Two operands and an operator → the exact result, whatever thread or machine.

Whole numbers stay whole; everything else is a Decimal. No float comes into being, and a sum or product that
cannot be had exactly is refused (E474), never rounded. Only a division may have no end (1 / 3): its result
has 50 digits, halves to even. Authors round with `round_amount`.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from datetime import date
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Any

from etl.template.bounds import MAX_DIGITS, check_operands, too_much

EXACT = Context(
    prec=MAX_DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[Inexact, Overflow, InvalidOperation, DivisionByZero],
)
"""Exact or an exception."""
_ENDLESS = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[Overflow, InvalidOperation, DivisionByZero],
)
_NOT_TOGETHER = "unsupported operand type(s) for {}: '{}' and '{}'"  # as Python says it
_NUMBERS = (int, Decimal, float)
_ZERO = Decimal(0)


def plain(number: Decimal) -> Decimal:
    """The same number without an exponent above 0 (1E+3 → 1000) and without a sign of zero.

    Raises decimal.Inexact for one of more than a thousand digits.
    """
    number = EXACT.add(number, _ZERO)
    if number.adjusted() >= MAX_DIGITS:
        raise Inexact
    return number


def calculate(operator: str, left: Any, right: Any) -> Any:
    """The result of one of + - * / // % **; lists are joined and repeated as Python does it. Of two days the
    difference is a whole number of days.

    Raises BadValue E474 for what is too large to be exact, ZeroDivisionError, and TypeError for operands that
    do not go together: + joins no texts, for nobody can tell whether "2" + "1" is 3 or 21.
    """
    if isinstance(left, bool) or isinstance(right, bool) or (operator == "+" and isinstance(left, str)):
        raise TypeError(_NOT_TOGETHER.format(operator, type(left).__name__, type(right).__name__))
    if operator == "-" and isinstance(left, date) and isinstance(right, date):
        return (left - right).days
    if not (isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS)):
        check_operands(operator, left, right)
        return _AS_PYTHON[operator](left, right)
    if type(left) is int and type(right) is int and operator in "+-":
        return _AS_PYTHON[operator](left, right)
    check_operands(operator, left, right)
    if isinstance(left, int) and isinstance(right, int) and operator in _OF_WHOLE:
        return _AS_PYTHON[operator](left, right)
    try:
        return _OF_DECIMALS[operator](_exact(left), _exact(right))
    except DecimalException:
        raise too_much("a number of more than a thousand digits") from None


def negated(value: Any) -> Any:
    """The value with the other sign. Raises TypeError for what is no number."""
    if isinstance(value, bool):
        raise TypeError("bad operand type for unary -: 'bool'")
    return -value if isinstance(value, int) else EXACT.minus(_exact(value)) if _is_exact(value) else -value


def unsigned(value: Any) -> Any:
    """The value without its sign. Raises TypeError for what is no number."""
    if isinstance(value, bool):
        raise TypeError("bad operand type for abs(): 'bool'")
    return EXACT.abs(_exact(value)) if _is_exact(value) else abs(value)


def divide(left: Decimal | int, right: Decimal | int) -> Decimal:
    """Raises ZeroDivisionError."""
    if not right:
        raise ZeroDivisionError
    try:
        quotient = EXACT.divide(Decimal(left), Decimal(right))
    except Inexact:
        quotient = _ENDLESS.divide(Decimal(left), Decimal(right))
    return plain(quotient)


def _floor_divide(left: Decimal, right: Decimal) -> Decimal:
    """Downwards, as whole numbers do it: decimals of their own accord go towards zero."""
    if not right:
        raise ZeroDivisionError
    quotient = plain(EXACT.divide_int(left, right))
    rest = EXACT.remainder(left, right)
    return EXACT.subtract(quotient, 1) if rest and (rest < 0) != (right < 0) else quotient


def _modulo(left: Decimal, right: Decimal) -> Decimal:
    """With the sign of what is divided by, as whole numbers do it."""
    if not right:
        raise ZeroDivisionError
    rest = EXACT.remainder(left, right)
    return plain(EXACT.add(rest, right) if rest and (rest < 0) != (right < 0) else rest)


def _power(left: Decimal, right: Decimal) -> Decimal | int:
    if right != int(right):
        raise TypeError("a power must be a whole number, to be exact")
    exponent = int(right)
    raised: Decimal | int = 1
    for _ in range(abs(exponent)):
        raised = EXACT.multiply(raised, left)
    return divide(1, raised) if exponent < 0 else Decimal(raised)


def _power_of_any(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and right >= 0:
        return left**right  # bounded by check_operands
    return _power(Decimal(left), Decimal(right))


def _is_exact(value: Any) -> bool:
    return isinstance(value, Decimal | float)


def _exact(number: Any) -> Any:
    """A float can only come in from outside, by a connector; its shortest spelling is what was meant."""
    return Decimal(repr(number)) if isinstance(number, float) else number


_AS_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
    "/": python.truediv,
    "//": python.floordiv,
    "%": python.mod,
    "**": python.pow,
}
_OF_WHOLE = frozenset(("+", "-", "*", "//", "%"))
_OF_DECIMALS: dict[str, Callable[[Any, Any], Any]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": divide,
    "//": _floor_divide,
    "%": _modulo,
    "**": _power_of_any,
}
