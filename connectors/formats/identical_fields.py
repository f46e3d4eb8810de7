"""The order fields of a MARC record → what is told of those that say the same, sign by sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from connectors.formats.marc_record import Field
from connectors.formats.trouble import Trouble

_SHOWN = 60


def identical_fields(fields: Sequence[Field], beside: Sequence[Hashable] = ()) -> Trouble | None:
    """E446 for fields of one tag that are the same. `beside`: what else belongs to each, if anything does.

    >>> block = Field("960", "", "  ", (("o", "2"), ("u", "HIST")))
    >>> identical_fields([block, block]).message
    'two fields 960 are identical: "$o 2 $u HIST"'
    >>> identical_fields([block, Field("960", "", "  ", (("o", "2"), ("u", "LAW")))])
    """
    if len(fields) < 2:
        return None
    both = list(zip(fields, beside, strict=True)) if beside else [(one, None) for one in fields]
    (same, _), times = Counter(both).most_common(1)[0]
    if times < 2:
        return None
    said = same.value or " ".join(f"${code} {text}" for code, text in same.subfields)
    shown = said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"
    many = {2: "two", 3: "three"}.get(times, f"{times}")
    help_ = "was one order written twice? Each of them counts as it stands"
    return Trouble("E446", f'{many} fields {same.tag} are identical: "{shown}"', help_, same.tag)
