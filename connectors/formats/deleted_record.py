"""A MARC record that its leader says is deleted → why an order made of it waits."""

from __future__ import annotations

from connectors.formats.marc_record import MarcRecord
from connectors.formats.trouble import Trouble


def deleted(record: MarcRecord) -> list[Trouble]:
    """E447, which holds, for leader/05 = d; nothing for any other.

    >>> [one.code for one in deleted(MarcRecord("00000dam a2200000 a 4500"))]
    ['E447']
    >>> deleted(MarcRecord("00000nam a2200000 a 4500"))
    []
    """
    if record.leader[5:6] != "d":
        return []
    told = "the record is marked as deleted (leader/05 is d)"
    help_ = 'was the order taken back? If it means nothing here:  ignore: {"LDR/05": …}  under source'
    return [Trouble("E447", told, help_, "LDR/05", holds=True)]
