"""The core's answers for the pages Segments and Playbook, under the economics that are set."""

import json

from cs_models.problems import Problem
from pages.shared import answers, cache_segments, keys, link, small_ones


def four_groups(horizon: int, cutoffs: dict):
    """Today's customers in four groups; `cutoffs`: the thresholds that are not at their start."""
    return cache_segments.four_groups(*answers.asked(), horizon, json.dumps(cutoffs, sort_keys=True))


def groups_moved(levers: tuple, horizon: int, cutoffs: dict):
    """Who changes group under these levers, at the thresholds of today."""
    texts = json.dumps(cutoffs, sort_keys=True), keys.written(levers)
    return cache_segments.moved(*answers.asked(), horizon, *texts)


def growth_by_year():
    """MRR by year: earlier customers against new business."""
    return cache_segments.growth(answers.asked()[0])


def economics_by_group(column: str, costs: dict, horizon: int):
    """LTV:CAC and survival to payback of the groups of a column; `costs`: group -> cac and spend."""
    data, _, money = answers.asked()
    if strangers := sorted(set(costs) - set(groups(column))):
        raise Problem(f"The data have no group “{strangers[0]}”. Groups: {', '.join(groups(column)[:5])}.")
    found = cache_segments.unit_economics(data, column, money, link.costs_text(column, costs), horizon)
    return small_ones.rows(found.assign(customers=found["group"].map(cache_segments.sizes(data, column)))).drop(columns="customers")


def groups(column: str) -> list[str]:
    """Names of the groups of a column, the largest first."""
    return cache_segments.groups(answers.asked()[0], column)


def tactics(horizon: int):
    """The twelve tactics, the best first."""
    return cache_segments.tactics(*answers.asked(), horizon)


def doubts_known(horizon: int) -> dict:
    """Of the tactics: those whose range with doubt is worked out already."""
    return dict(cache_segments.doubts(*answers.asked(), horizon))


def doubt(horizon: int, key: str):
    """The range of one tactic with doubt about its assumptions."""
    return cache_segments.doubt(*answers.asked(), horizon, key)
