"""Those who left and came back: who of them is here in each month, by type."""

import numpy as np

from cs_models.group import Return


def return_tables(rate, steps, kept, table, back: Return) -> tuple[np.ndarray, ...]:
    """Per type: returned and here, and those of them at the promotional price, each (..., months, types).

    here(t) = here(t - 1) x survival at `pace` x the intensity + share x those whose last payment was at t -
    gap; they meet the one-off losses of later price rises. Worked out month first, so that one step is one row.
    """
    held = np.ones_like(kept)
    np.divide(kept[..., 1:], kept[..., :-1], out=held[..., 1:], where=kept[..., :-1] > 0)
    # What of those here in the month before is still here, (months - 1, ..., types).
    stay = np.exp(-back.pace * (_month_first(steps, rate)[:-1] * rate))
    if np.any(held != 1):
        stay *= _month_first(held, rate)[1:]
    alive = np.moveaxis(table if np.all(kept == 1) else table * kept[..., None], -2, 0)
    here = _ready(alive, back)
    promoted = _at_first(here, stay, back.promo) if back.promo and back.price != 1 else here[:0]
    for before, now, kept_on in zip(here, here[1:], stay):
        now += before * kept_on
    return np.moveaxis(here, 0, -2), np.moveaxis(promoted, 0, -2)


def _month_first(path: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """A path (..., months) as (months, ..., 1), to be multiplied with the types' rates (..., types)."""
    path = np.moveaxis(path, -1, 0)
    return path.reshape(len(path), *[1] * (rate.ndim - path.ndim), *path.shape[1:], 1)


def _ready(alive: np.ndarray, back: Return) -> np.ndarray:
    """Those who return in each month: share x those who left `gap` months ago; (months, ..., types)."""
    found, later = np.zeros(alive.shape), len(alive) - back.gap
    if later >= 0:
        found[back.gap - 1] = back.share[0] * (1 - alive[0])
    if later > 0:
        np.subtract(alive[:later], alive[1: later + 1], out=found[back.gap:])
        found[back.gap:] *= back.share[:later].reshape(-1, *[1] * (alive.ndim - 1))
    return found


def _at_first(ready: np.ndarray, stay: np.ndarray, promo: int) -> np.ndarray:
    """Those who returned in the last `promo` months and are still here, (months, ..., types)."""
    found, batch = ready.copy(), ready
    for since in range(1, min(promo, len(ready))):
        batch = batch[:-1] * stay[since - 1:]
        found[since:] += batch
    return found


def back_now(before: np.ndarray, here: np.ndarray, back: Return) -> np.ndarray:
    """Back in each month, (..., months): share x those whose last payment was `gap` months ago; `before` is the group
    before its first month.
    """
    months, found = here.shape[-1], np.zeros_like(here)
    lost = -np.diff(here, axis=-1, prepend=before)
    share = np.append(back.share[:1], back.share[:-1])
    if back.gap <= months:
        found[..., back.gap - 1:] = (share * lost)[..., : months - back.gap + 1]
    return found
