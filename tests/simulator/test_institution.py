"""One institution made from another shares nothing that was indexed for the first."""

from __future__ import annotations

from etl.simulator.institution import Institution, load_institution

INDEXES = ("keys", "library", "vendor", "fund", "descriptions", "currencies", "tables")


def test_a_changed_institution_forgets_the_indexes_of_the_old_one() -> None:
    usual = load_institution()
    assert all(getattr(usual, name) for name in INDEXES)
    key = usual.api_keys[0].model_copy(update={"key": "another"})
    none_of_them: dict[str, object] = {name: [] for name in ("libraries", "vendors", "funds")}
    other = usual.changed(api_keys=[key], code_tables={"Currency_CT": []}, **none_of_them)
    assert list(other.keys) == ["another"]
    assert (other.library, other.vendor, other.fund) == ({}, {}, {})
    assert (other.descriptions["Currency_CT"], other.currencies) == ({}, frozenset())
    assert "another" not in usual.keys


def test_it_keeps_every_other_member() -> None:
    usual = load_institution()
    other = usual.changed(code="01SANDBOX_INST")
    assert other.code == "01SANDBOX_INST"
    for name in Institution.model_fields:
        if name != "code":
            assert getattr(other, name) == getattr(usual, name)
