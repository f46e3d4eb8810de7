"""A pytest item and the bytes of one snapshot file → are they what syrupy has stored beside the mapping?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollections
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from etl.testing.snapshot_files import refuse_linked, write_expected
from etl.testing.snapshots import snapshot_folder


class PayloadFiles(SingleFileSnapshotExtension):
    """Text snapshots whose file is the index itself, below the mapping's own snapshot folder.

    Bytes are read and written as they are: syrupy's text mode would forgive other line ends.
    """

    _write_mode = WriteMode.TEXT
    file_extension = ""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(snapshot_folder(Path(test_location.filepath)))

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: Any = 0) -> str:
        del test_location
        return str(index)

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: Any = None
    ) -> SnapshotCollections:
        """Nothing: syrupy must neither report nor delete what other samples own. Orphans are our business."""
        del test_location, ignore_extensions
        return SnapshotCollections()

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> str | None:
        del snapshot_name, session_id
        path = Path(snapshot_location)
        return path.read_bytes().decode("utf-8", "replace") if path.is_file() else None

    @classmethod
    def write_snapshot_collection(cls, *, snapshot_collection: Any, name_order: Any = None) -> None:
        del name_order
        data = next(iter(snapshot_collection)).data
        write_expected(Path(snapshot_collection.location), data.encode())


def stored(item: pytest.Item, path: str, data: bytes) -> bool:
    """Is this file stored with these bytes? With --snapshot-update it is, afterwards."""
    options = item.config.option
    if options.update_snapshots:
        refuse_linked([path], snapshot_folder(item.path))
    assertion = SnapshotAssertion(
        update_snapshots=options.update_snapshots,
        update_new_snapshots_only=getattr(options, "update_new_snapshots_only", False),
        extension_class=PayloadFiles,
        test_location=PyTestLocation(item),
        session=item.session.config._syrupy,  # type: ignore[attr-defined]
    )
    return bool(assertion(name=path) == data.decode())
