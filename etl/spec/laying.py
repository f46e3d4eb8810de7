"""A group laid on another: what `extends` and `$include` mean, key by key."""

from __future__ import annotations

from dataclasses import replace

from etl.spec.directives import DIRECTIVES
from etl.yaml_tree import Mapping, Scalar

KEEPS_NULL = frozenset(("on_missing",))
"""Where null is a word of its own."""
ONE_VALUE = DIRECTIVES.keys() - {"$include", "$let"}
"""A group that holds one of these is one value: half of it says nothing."""


def merge(base: Mapping, over: Mapping, *, whole: frozenset[str] = frozenset()) -> Mapping:
    """`over` laid on `base`: groups merge key by key, everything else is replaced whole.

    `null` takes back what the base has. A group that is one value, and a key of `whole`, is replaced whole.
    Every node keeps the file it came from, so origins need no bookkeeping.
    """
    return _laid(base, over, takes_back=True, whole=whole)


def lay_under(fragment: Mapping, over: Mapping) -> Mapping:
    """`over`, and the keys of the fragment that it lacks; groups of both merge as in merge()."""
    return _laid(fragment, over, takes_back=False, whole=frozenset())


def _laid(base: Mapping, over: Mapping, *, takes_back: bool, whole: frozenset[str]) -> Mapping:
    items, keys = dict(base.items), dict(base.keys)
    for name, node in over.items.items():
        below = items.get(name)
        keys[name] = over.keys[name]
        if isinstance(below, Mapping) and isinstance(node, Mapping) and name not in whole:
            one_value = ONE_VALUE & (below.items.keys() | node.items.keys())
            items[name] = node if one_value else _laid(below, node, takes_back=True, whole=frozenset())
        elif below is not None and takes_back and isinstance(node, Scalar) and node.is_null:
            if name in KEEPS_NULL:
                items[name] = node
            else:
                del items[name], keys[name]
        else:
            items[name] = node
    return replace(over, items=items, keys=keys)
