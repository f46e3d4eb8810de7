"""Lists that belong together, such as the libraries and the copies of two columns → one list of groups."""

from __future__ import annotations

from collections.abc import Mapping

from etl.plugin import BadValue
from etl.template.filters.incoming import is_missing, wrong_kind
from etl.values.quoting import quoted


def side_by_side(value: Mapping[str, list[object] | None] | None) -> list[dict[str, object]] | None:
    """One group for each place of the lists, which are of one length: the first of each, the second of each.

    >>> side_by_side({"library": ["HUV", "OST"], "copies": ["2", "1"]})
    [{'library': 'HUV', 'copies': '2'}, {'library': 'OST', 'copies': '1'}]
    >>> side_by_side({"library": None, "copies": []})
    []
    >>> side_by_side({"library": ["HUV", "OST"], "copies": ["2", "1", "4"]})
    Traceback (most recent call last):
    etl.plugin.BadValue: "library" has 2 members and "copies" has 3
    """
    if is_missing(value):
        return None
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "side_by_side", "a group of lists")
    lists: dict[str, list[object] | tuple[object, ...]] = {}
    for name, one in value.items():
        if one is not None and not isinstance(one, list | tuple):
            raise wrong_kind(one, "side_by_side", "a group of lists")
        lists[name] = one or []
    first = next(iter(lists), "")
    for name, members in lists.items():
        if len(members) != len(lists[first]):
            said = f"{quoted(first)} has {len(lists[first])} members and {quoted(name)} has {len(members)}"
            raise BadValue("E496", said, "each member of one belongs to a member of the other: see the cells")
    return [dict(zip(lists, members, strict=True)) for members in zip(*lists.values(), strict=True)]
