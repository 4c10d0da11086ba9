"""What line charts share: few points, and names at the end of a line that do not overlap."""

import numpy as np

MOST_POINTS = 200
LINE_HEIGHT = 17  # pixels one label needs


def thin(first: int, last: int, most: int = MOST_POINTS) -> list[int]:
    """Whole months from first to last, at most `most` of them, both ends kept."""
    months = np.arange(first, last + 1)
    if len(months) <= most:
        return months.tolist()
    return np.unique(np.linspace(first, last, most).round().astype(int)).tolist()


def spread(values: list[float], gap: float) -> list[float]:
    """The same values, pushed apart until neighbours are `gap` away, the middle kept.

    >>> [round(v, 2) for v in spread([0.50, 0.51], 0.05)]
    [0.48, 0.53]
    """
    order = np.argsort(values, kind="stable")
    placed = np.asarray(values, dtype=float)[order]
    for _ in range(50):
        close = np.diff(placed) < gap - 1e-9
        if not close.any():
            break
        for i in np.flatnonzero(close):
            missing = (gap - (placed[i + 1] - placed[i])) / 2
            placed[i] -= missing
            placed[i + 1] += missing
    out = np.empty_like(placed)
    out[order] = placed
    return out.tolist()


def end_labels(
    ends: list[tuple[str, str, int, float, str]], height: float, domain: float = 1.0
) -> list[dict]:
    """Rows for names at line ends from (role, name, month, value, text); `domain` = top minus bottom."""
    gap = LINE_HEIGHT / height * domain
    places = spread([value for _, _, _, value, _ in ends], gap) if ends else []
    return [
        {"part": "end", "role": role, "name": name, "month": month, "value": place, "text": text, "row": 0}
        for (role, name, month, _, text), place in zip(ends, places, strict=True)
    ]
