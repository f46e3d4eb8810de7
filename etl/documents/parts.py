"""What all documents and their parts have in common.

A part is frozen (what was checked is what is sent) and takes no unknown member: Alma drops those
without a word, so a misspelt field would be lost.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A document or an object inside one."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=False)

    # Members of which at least one group must be complete: (("mms_id",), ("title",)).
    one_group_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    # Member → member that must then be given as well.
    goes_with: ClassVar[dict[str, str]] = {}
