"""The institution's code tables → listed, shown, and changed by PUT; the codes count from then on."""

from __future__ import annotations

from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.form_shapes import CODE_TABLE
from etl.simulator.read_body import read_body
from etl.simulator.world import World, code_of

# What programs rely on. Which tables Alma lets nobody change is not documented.
_FIXED = frozenset(
    {
        "AcqItemSourceType",
        "AssertionCodes",
        "POLineStatus",
        "PPRSourceType",
        "PR_CitationType",
        "PR_RequestedFormat",
        "PurchaseRequestStatus",
    }
)


def list_code_tables(world: World, call: Call) -> Tree:
    """GET /conf/code-tables: names only."""
    rows = [
        {"link": f"{call.host}/almaws/v1/conf/code-tables/{name}", "name": name}
        for name in sorted(world.institution.tables)
    ]
    return Tree("code_tables", {"code_table": rows, "total_record_count": len(rows)})


def get_code_table(world: World, call: Call) -> Tree:
    """GET /conf/code-tables/{codeTableName}; an unknown name is a parameter that is invalid."""
    name = call.arguments["codeTableName"]
    scope = call.query("scope", world.institution.code)
    if name not in world.institution.tables or (
        scope != world.institution.code and scope not in world.institution.library
    ):
        raise call.refusal("40166411")
    return Tree("code_table", _shown(world, call, name))


def _shown(world: World, call: Call, name: str) -> dict[str, Any]:
    rows = [row.model_dump() for row in world.institution.tables[name]]
    nobody = {"updated_by": "", "update_date": ""}
    changed = max(rows, key=lambda row: str(row["update_date"]), default=nobody)
    return {
        "name": name,
        "description": name,
        "sub_system": {"value": "INFRA", "desc": "Infrastructure"},
        "patron_facing": False,
        "updated_by": changed["updated_by"],
        "update_date": changed["update_date"],
        "language": {"value": call.query("lang", "en"), "desc": ""},
        "scope": {
            "institution_id": {"value": world.institution.code, "desc": world.institution.name},
            "library_id": {"value": "", "desc": ""},
        },
        "row": rows,
    }


def change_code_table(world: World, call: Call) -> Tree:
    """PUT /conf/code-tables/{codeTableName}: the rows sent replace the table's."""
    name = call.arguments["codeTableName"].strip()
    if not name:
        raise call.refusal("90100")
    if name not in world.institution.tables:
        raise call.refusal("90101")
    if name in _FIXED:
        raise call.refusal("90123")
    sent = read_body(call, "code_table", CODE_TABLE)
    scope = sent.get("scope") or {}
    if code_of(scope, "institution_id") not in ("", world.institution.code) or code_of(scope, "library_id"):
        raise call.refusal("90121")
    rows = sent.get("row") or []
    if sum(bool(row.get("default")) for row in rows) > 1:
        raise call.refusal("90122")
    codes = {row.get("code", "") for row in rows}
    if not rows or "" in codes or len(codes) < len(rows):
        raise call.refusal("402119")
    before = {row.code: row.model_dump() for row in world.institution.tables[name]}
    world.change_table(name, [_row(world, row, before) for row in rows])
    call.saved = name
    return Tree("code_table", _shown(world, call, name))


def _row(world: World, sent: dict[str, Any], before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A row to keep: what it leaves out is as it was, and who changed it is said where something changed."""
    old = before.get(sent["code"], {"description": "", "default": False, "enabled": True})
    given = ("description", "default", "enabled")
    row = {**old, "code": sent["code"], **{name: sent[name] for name in given if sent.get(name) is not None}}
    return row if row == old else {**row, "updated_by": "exl_api", "update_date": world.today()}
