"""Text cells written to an Arrow IPC file, batch by batch."""

from pathlib import Path

import pyarrow as pa


class Writer:
    """Writes columns of str under the names given; use as a context."""

    def __init__(self, folder: str, names: list[str]) -> None:
        self.schema = pa.schema([(name, pa.string()) for name in names])
        self.sink = pa.OSFile(str(Path(folder) / "cells.arrow"), "wb")
        self.file = pa.ipc.new_file(self.sink, self.schema)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_) -> None:
        self.file.close()
        self.sink.close()

    def write(self, columns: list) -> None:
        """One batch: a list of str, or an Arrow array of strings, per column."""
        arrays = [one if isinstance(one, pa.Array) else pa.array(one, pa.string()) for one in columns]
        self.file.write_batch(pa.record_batch(arrays, schema=self.schema))
