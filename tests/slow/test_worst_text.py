"""Text that is read while somebody waits, in the worst shapes we know: each ends in a table or a sentence, inside its limits."""

import json
import subprocess
import sys

import pytest
from places import ROOT

pytestmark = pytest.mark.slow
SHAPES = {
    "commas": 'b"," * N', "one cell": 'H + b\'c1,2024-01-01,,5,"\' + b"x" * N + b\'"\'',
    "never closed": 'H + b\'c1,2024-01-01,,5,"\' + b"x\\n" * (N // 2)', "breaks": 'H + b"\\n" * N',
    "short rows": 'H + b"a\\n" * (N // 2)', "quotes": 'H + b\'"""",""""\\n\' * (N // 10)',
    "narrow": 'b"customer,start\\n" + b"".join(b"%x,1\\n" % n for n in range(N // 8))',
    "wide": '(b",".join(b"h%d" % n for n in range(500)) + b"\\n") + (b",".join([b"1"] * 500) + b"\\n") * (N // 1000)',
}  # fmt: skip
CHILD = """
import json, resource, sys, time
import cs_models as cs
from cs_models.problems import Problem
from cs_models.reading_apart import LONG, OF_A_SHORT_ONE
H, N = b"customer,start,end,mrr,plan\\n", LONG - 4096
raw = {shape}
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
def told(deed):
    try: deed()
    except Problem as problem: return str(problem)
    return ""
told(lambda: cs.inspect(H + b"c1,2024-01-01,,5,a\\n"))
before, begun = peak(), time.process_time()
said = [told(lambda: cs.inspect(raw)), told(lambda: cs.read(raw, as_of="2026-01-01"))]
print(json.dumps([peak() - before, time.process_time() - begun, said, OF_A_SHORT_ONE.memory >> 20, OF_A_SHORT_ONE.seconds]))
"""


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_megabytes_of_the_worst_text_end_in_a_table_or_a_sentence(shape):
    done = subprocess.run([sys.executable, "-c", CHILD.format(shape=SHAPES[shape])], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    megabytes, seconds, said, memory, most = json.loads(done.stdout)
    print(f"{shape}: {megabytes} MB and {seconds:.1f} s of processor, of {memory:,} MB and {most} s")
    assert megabytes < 700 < memory / 2 and seconds < most / 2 and all(len(one) < 2000 for one in said)
