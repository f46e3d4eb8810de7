"""The format of a number cell → what a person sees of it: a percent sign, a currency, words, less of it.

The value of a cell is not what it shows: 0.275 under `0.0%` is 27.5 %, 19.9 under `[$€-2] #,##0.00` is in
euros, 1000 under `0 "per 10"` is "1000 per 10", and 249000 under `0,` is 249.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from etl.plugin import NumberCell

PERCENT = "%"
BUILT_IN: Mapping[int, str] = {9: "0%", 10: "0.00%"}
"""Formats that no workbook spells out. Those of money (5–8, 37–44) show the currency of whoever looks."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]{0,99})"|\\(?P<one>.)|\[\$(?P<currency>[^\]-]{0,9})(?P<country>[^\]]{0,20})\]|\[(?P<condition>[^\]]{0,20})\]'
    r"|(?P<wide>_.)|\*.|(?P<place>(?i:general)|[0#?@])|(?P<mark>[.,])|(?P<sign>[ %€$£¥₽₴₪₫฿₹₺₩-])|.",
    re.DOTALL,
)
"""Words in quotes, one sign, a currency; colours, conditions and widths show nothing; places of digits."""
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s{0,3}(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\Z")
_CURRENCY = re.compile(
    r"(?i:kr\.?|kronor|kroner|krona|[sndi]kr\.?|zł|kč|ft|euros?|dollars?|pund|pounds?|sterling|yen)"
    r"|[A-Z]{0,2}[€$£¥₽₴₪₫฿₹₺₩]"
    r"|AED|AUD|BGN|BRL|CAD|CHF|CNY|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|LBP|MXN|MYR|NOK|NZD|PHP"
    r"|PLN|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
"""Other names of money are words; the filters know many more of those, and read them in a text."""
_COUNTRIES = {
    **dict.fromkeys(("kr 41D", "kr SE"), "SEK"),
    **dict.fromkeys(("kr 414", "kr 814", "kr NO"), "NOK"),
    **dict.fromkeys(("kr 406", "kr 438", "kr DK", "kr FO"), "DKK"),
    **dict.fromkeys(("kr 40F", "kr IS"), "ISK"),
    **dict.fromkeys(("$ 409", "$ US"), "USD"),
    **dict.fromkeys(("$ 1009", "$ C0C", "$ CA"), "CAD"),
    **dict.fromkeys(("$ C09", "$ AU"), "AUD"),
    **dict.fromkeys(("$ 1409", "$ NZ"), "NZD"),
    **dict.fromkeys(("£ 809", "£ GB"), "GBP"),
    **dict.fromkeys(("¥ 411", "¥ JP"), "JPY"),
    **dict.fromkeys(("¥ 804", "¥ CN"), "CNY"),
}
"""A mark and what is behind its dash in `[$kr-414]`, or at the end of `[$kr-nb-NO]` → what it stands for."""
_NOTHING = re.compile(r"(?:[.,:][-–—]|[.,]0{1,9}|[.,:])?")
"""What may stand behind a number and say no more than that it is a price: 249:-"""
_SCALED = re.compile(r"[0#?],+(?=[.]|\Z)")
_DIGITS = re.compile(r"[0-9](?:[0-9.,' \u00a0\u2009\u202f’]{0,40}[0-9])?")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows in front of its number and behind it. `percent`: the number is a share of one;
    `otherwise`: it shows another number, or none, and what.
    """

    before: str = ""
    behind: str = ""
    percent: bool = False
    otherwise: str = ""

    def cell(self, number: str) -> str:
        """The cell's text: a NumberCell where a percent sign or a currency stands beside the number, else
        the words with it, as they stand there.

        >>> Shown("", " %", True).cell("0.275").beside, Shown("", " per 10").cell("1000")
        ('%', '1000 per 10')
        """
        number = as_percentage(number) if self.percent else number
        before, behind = self.before.strip(), self.behind.strip()
        beside = " ".join(filter(None, (before, "" if _NOTHING.fullmatch(behind) else behind)))
        if not beside or beside == PERCENT or _CURRENCY.fullmatch(beside):
            return NumberCell(number, beside)
        # One decimal more than three: no reader of the text takes it for thousands.
        safe = f"{number}0" if len(number.partition(".")[2]) == 3 else number
        return " ".join(f"{self.before}{safe}{self.behind}".split())


def shown_by(code: str, value: float) -> Shown:
    """What a format code shows beside a number, or of it.

    >>> shown_by('0 "per 10"', 1000).behind, shown_by("0.0%", 0.2).percent, shown_by("0,", 249000).otherwise
    (' per 10', True, 'is 249000, and shows it in thousands')
    """
    found = _section(_chosen(code, value))
    if value < 0 and found.before.startswith("-"):
        found = Shown(found.before[1:], found.behind, found.percent, found.otherwise)
    if found.otherwise:
        return Shown(otherwise=f"is {value:.15g}, and shows {found.otherwise}")
    return found


def is_plain(code: str) -> bool:
    """Does a number with this format show its digits and nothing else?"""
    return not code or all(_section(one) == Shown() for one in _sections(code))


def shown_as(text: str, value: float, percent: bool = False, currency: str = "") -> Shown:
    """What a workbook says itself that it shows of a number.

    >>> shown_as("1 000 per 10", 1000).behind, shown_as("27,5 %", 0.275, percent=True).cell("0.275").beside
    (' per 10', '%')
    >>> shown_as("249", 249000).otherwise, shown_as("249,50", 249.499).otherwise
    ('is 249000, and shows "249"', '')
    """
    plain = Shown("", PERCENT, True) if percent else Shown(currency)
    if (found := _DIGITS.search(text)) is None:
        return Shown(otherwise=f'is {value:.15g}, and shows "{text}"') if text.strip() else plain
    before, behind = text[: found.start()], text[found.end() :]
    if behind[:1] in ("E", "e") or ("/" in behind and value != int(value)):  # 2,5E+02 and 1/2
        return plain
    if not _is_rounded(found[0], abs(value) * (100 if percent else 1)):
        return Shown(otherwise=f'is {value:.15g}, and shows "{text}"')
    before = before.replace("-", "", 1).replace("−", "", 1) if value < 0 else before
    shown = Shown(before, behind, percent)
    if currency and all(not one or _CURRENCY.fullmatch(one) for one in (before.strip(), behind.strip())):
        return plain
    return shown


def _is_rounded(digits: str, value: float) -> bool:
    shown = int(re.sub(r"[^0-9]", "", digits))
    exact = Decimal(format(value, ".15g"))
    return any(abs(exact.scaleb(places) - shown) <= Decimal("0.5") for places in range(len(digits) + 1))


def _sections(code: str) -> list[str]:
    """The parts of a format code.

    >>> _sections('0.00 "a;b";-0.00')
    ['0.00 "a;b"', '-0.00']
    """
    quoted, escaped, parts = False, False, [""]
    for sign in code:
        quoted ^= sign == '"' and not escaped
        if sign == ";" and not quoted and not escaped:
            parts.append("")
        else:
            parts[-1] += sign
        escaped = sign == "\\" and not escaped
    return parts


def _chosen(code: str, value: float) -> str:
    """The part that is for this value: by its condition, else by its sign."""
    parts = _sections(code)[:3]
    conditions = [_condition(one) for one in parts]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=True):
            if condition is None or _holds(*condition, value):
                return part
        return parts[-1]
    if value < 0 and len(parts) > 1:
        return parts[1]
    return parts[2] if value == 0 and len(parts) > 2 else parts[0]


def _condition(part: str) -> tuple[str, float] | None:
    for found in _TOKEN.finditer(part):
        if found["condition"] and (said := _CONDITION.match(found["condition"])):
            return said[1], float(said[2])
    return None


def _holds(sign: str, limit: float, value: float) -> bool:
    return {
        "<": value < limit,
        "<=": value <= limit,
        ">": value > limit,
        ">=": value >= limit,
        "=": value == limit,
        "<>": value != limit,
    }[sign]


@lru_cache(maxsize=1024)
def _section(part: str) -> Shown:
    before, inside, behind, skeleton, percent = "", "", "", "", False
    for found in _TOKEN.finditer(part):
        if found["place"] or (found["mark"] and skeleton):
            if found["place"] and skeleton:
                inside, behind = inside + behind, ""
            skeleton += found["mark"] or "0"
            continue
        sign = found["sign"] or ""
        percent = percent or sign == PERCENT
        text = found["quoted"] or found["one"] or _money(found) or sign or " " * bool(found["wide"])
        if sign == "-" and skeleton:
            text = ""  # 00-00 groups digits, and a dash at the end is drawn in many a format of money
        if skeleton:
            behind += text
        else:
            before += text
    if not skeleton:
        said = " ".join(f"{before}{behind}".split())
        return Shown(otherwise=f'"{said}"' if said else "nothing")
    if re.search(r"[\w.,]", inside):
        return Shown(otherwise=f'"{inside.strip()}" among its digits')
    joined = before[-1:].isdigit() or re.match(r"[.,]?[0-9]", behind) is not None
    if joined and not _NOTHING.fullmatch(behind.strip()):
        return Shown(otherwise="digits of the format beside it")
    if scaled := _SCALED.search(skeleton):
        how = "thousands" if scaled[0].count(",") == 1 else "millions"
        return Shown(otherwise=f"it in {how}")
    if not before.strip() and not behind.strip():
        return Shown()
    return Shown(before, behind, percent)


def _money(found: re.Match[str]) -> str:
    """The currency of a token: its code, where the country says which of several the mark stands for.

    >>> [_money(_TOKEN.match(code)) for code in ("[$kr-414]", "[$kr.-406]", "[$kr-sv-SE]", "[$kr]", "[$€-2]")]
    ['NOK', 'DKK', 'SEK', 'kr', '€']
    """
    mark = found["currency"] or ""
    country = (found["country"] or "").rpartition("-")[2].upper().lstrip("0")
    return _COUNTRIES.get(f"{mark.strip().rstrip('.').lower()} {country}", mark)


def as_percentage(text: str) -> str:
    """What a cell shows whose value is a share of one.

    >>> as_percentage("0.275"), as_percentage("1"), as_percentage("0.07"), as_percentage("-0.1")
    ('27.5', '100', '7', '-10')
    """
    return f"{(Decimal(text) * 100).normalize():f}"
