"""The institution → what /conf answers: libraries, locations, departments, integration profiles."""

from __future__ import annotations

from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.institution_parts import Library
from etl.simulator.reference_calls import named, page_of
from etl.simulator.world import World

_NEW_ORDER = "NEW_ORDER_API"


def list_libraries(world: World, call: Call) -> Tree:
    """GET /conf/libraries."""
    rows = [_library(call, library) for library in world.institution.libraries]
    return Tree("libraries", {"library": rows, "total_record_count": len(rows)})


def get_library(world: World, call: Call) -> Tree:
    """GET /conf/libraries/{libraryCode}."""
    return Tree("library", _library(call, _library_of(world, call)))


def _library_of(world: World, call: Call) -> Library:
    library = world.institution.library.get(call.arguments["libraryCode"])
    if library is None:
        raise call.refusal("402119")
    return library


def _library(call: Call, library: Library) -> dict[str, Any]:
    return {
        "link": f"{call.host}/almaws/v1/conf/libraries/{library.code}",
        "code": library.code,
        "name": library.name,
    }


def list_locations(world: World, call: Call) -> Tree:
    """GET /conf/libraries/{libraryCode}/locations."""
    library = _library_of(world, call)
    rows = [_location(call, library, place.code, place.name) for place in library.locations]
    return Tree("locations", {**({"location": rows} if rows else {}), "total_record_count": len(rows)})


def get_location(world: World, call: Call) -> Tree:
    """GET /conf/libraries/{libraryCode}/locations/{locationCode}."""
    library, wanted = _library_of(world, call), call.arguments["locationCode"]
    place = next((place for place in library.locations if place.code == wanted), None)
    if place is None:
        raise call.refusal("402119")
    return Tree("location", _location(call, library, place.code, place.name))


def _location(call: Call, library: Library, code: str, name: str) -> dict[str, Any]:
    link = f"{call.host}/almaws/v1/conf/libraries/{library.code}/locations/{code}"
    return {"link": link, "code": code, "name": name, "type": {"value": "OPEN", "desc": "Open"}}


def list_departments(world: World, call: Call) -> Tree:
    """GET /conf/departments."""
    library = call.query("library")
    found = [one for one in world.institution.departments if library in ("", one.library)]
    rows = [{"code": one.code, "name": one.name, "owner": world.library(one.library)} for one in found]
    return Tree("departments", {**({"department": rows} if rows else {}), "total_record_count": len(rows)})


def list_profiles(world: World, call: Call) -> Tree:
    """GET /conf/integration-profiles?type=…: the New Order API ones."""
    # the codes of the table IntegrationTypes are not known; an institution file may bring them
    types = {_NEW_ORDER, *world.institution.descriptions.get("IntegrationTypes", ())}
    fits = call.choice("type", types, "40166404", "") in ("", _NEW_ORDER)
    name, _, words = call.query("q").partition("~")
    rows = [
        _profile(world, number)
        for number, one in enumerate(world.institution.profiles)
        if fits and named(name, words, one.code, one.name)
    ]
    return page_of(call, "integration_profiles", "integration_profile", rows)


def get_profile(world: World, call: Call) -> Tree:
    """GET /conf/integration-profiles/{id}."""
    for number, one in enumerate(world.institution.profiles):
        if one.id == call.arguments["id"]:
            return Tree("integration_profile", _profile(world, number))
    raise call.refusal("60304")


def _profile(world: World, number: int) -> dict[str, Any]:
    one = world.institution.profiles[number]
    return {
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "type": {"value": _NEW_ORDER, "desc": "New Order API"},
        "default": one.default,
    }
