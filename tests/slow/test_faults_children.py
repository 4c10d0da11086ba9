"""The process that opens a container runs out of memory, hangs or aborts: a sentence each, and the next file opens."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cs_models.problems import ImportProblem
from cs_models.readers import container
from cs_models.reading import read

pytestmark = pytest.mark.slow

HANGS = "import time\ntime.sleep(600)\n"
ABORTS = "import os\nos.abort()\n"
FAILS = "raise SystemExit(3)\n"
HALF = "print('{\"cells\": 3, ', end='')\n"


def parquet(rows: int) -> bytes:
    out = io.BytesIO()
    columns = {"customer": [f"C{n}" for n in range(rows)], "start": ["2025-01-01"] * rows, "mrr": ["5"] * rows}
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


SMALL = parquet(3)


@pytest.mark.parametrize("program, words", [(HANGS, container.LIMIT_HIT), (ABORTS, container.LIMIT_HIT),
                                            (FAILS, container.DAMAGED), (HALF, container.DAMAGED)],
                         ids=["hangs", "aborts", "fails", "answers half"])  # fmt: skip
def test_a_child_that_does_not_answer_is_a_sentence(tmp_path, monkeypatch, program, words):
    (tmp_path / "__main__.py").write_text(program)
    with monkeypatch.context() as patched:
        patched.setattr(container, "CHILD", tmp_path)
        patched.setattr(container, "PATIENCE", 3 if program is HANGS else container.PATIENCE)
        with pytest.raises(ImportProblem) as told:
            read(SMALL)
        assert str(told.value) == words
    assert read(SMALL).report.accepted == 3


def test_a_child_without_memory_is_a_sentence(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(container, "MEMORY", 200 << 20)
        with pytest.raises(ImportProblem, match="memory or 20 seconds to open"):
            read(parquet(1_500_000))
    assert read(SMALL).report.accepted == 3
