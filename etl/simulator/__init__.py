"""Requests as a library's programs send them to Ex Libris Alma → answers as Alma gives them.

A stand-in for the order-line and purchase-request calls of Alma's API, for rehearsals, tests and
demonstrations: libraries have no place of their own to rehearse in. It shares no code with the part that
sends orders, so that each is a witness against the other; what it knows of Alma stands here alone.

`make_app(Settings())` is an ASGI application for use inside a process; `running(Settings())` starts a
server on a free port of the loopback interface and yields its address.
"""

from etl.simulator.app import Simulator, make_app
from etl.simulator.institution import BadInstitution, Institution, load_institution
from etl.simulator.serve import running
from etl.simulator.settings import FaultPlan, Limits, Settings, Timing

__all__ = [
    "BadInstitution",
    "FaultPlan",
    "Institution",
    "Limits",
    "Settings",
    "Simulator",
    "Timing",
    "load_institution",
    "make_app",
    "running",
]
