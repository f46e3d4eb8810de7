"""Is an institution's name that of an Alma, or of a place where another sink writes?"""

from __future__ import annotations

from sqlalchemy import Engine, select

from etl.ledger.database import reading
from etl.ledger.tables import arrivals, deliveries
from etl.problems import LedgerRefusal, Problem


def sink_at(engine: Engine, institution: str) -> str | None:
    """The sink that delivers there, if that is no Alma but a place where it writes (files, or the like): the
    name was made of the sink's, see `etl.run.memory`. None for an Alma, and where nothing came yet.
    """
    one = select(deliveries.c.id).where(deliveries.c.institution == institution).limit(1).scalar_subquery()
    with reading(engine) as connection:
        query = select(arrivals.c.sink).where(arrivals.c.delivery_id == one).limit(1)
        sink = connection.execute(query).scalar()
    named_by = sink is not None and (institution == sink or institution.startswith(f"{sink} "))
    return sink if named_by and sink != "alma" else None


def only_alma(engine: Engine, institution: str) -> None:
    """Raises LedgerRefusal (E814) for a destination that is no Alma: what is meant for a file must not be
    posted, nor count as posted, where the Alma's own ledger would not know of it.
    """
    sink = sink_at(engine, institution)
    if sink is not None:
        raise LedgerRefusal(
            Problem(
                "E814",
                f'the orders of "{institution}" are for the sink {sink}, and not for an Alma',
                help="nothing was sent. An order that waits there is let go with: etl ledger release ID; it "
                "is then delivered by: etl ledger reprocess MAPPING, or by the next run of its file",
            )
        )
