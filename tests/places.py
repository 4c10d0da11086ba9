"""Where things lie, for tests of any folder; a conftest is no module to import from, as there are several."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
