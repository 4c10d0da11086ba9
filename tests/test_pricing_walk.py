"""The three pricing decisions in full against a slow walk: people by type and month, who take, meet, leave.

The walk moves small crowds (three types of customers each) from month to month and splits them on the day
something happens; chances by type are solved by another root finder. It shares no line with the engine.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import cs_models as cs
from cs_models.valuation import evaluate

THETA, PEOPLE, PAID = np.array([0.02, 0.10, 0.35]), np.array([0.5, 0.3, 0.2]), np.array([20.0, 50.0, 90.0])
MARGIN, RATE, H = 0.7, 0.10, 32


def base_of(book: str, tenure: int) -> cs.Assumptions:
    """One customer, new or of `tenure` months; the loyal pay less, so that MRR and heads fall differently."""
    curve = replace(cs.RetentionCurve.constant(0.1), theta=THETA, weights=PEOPLE)
    base = cs.Assumptions.from_curve(curve, 1.0, existing_tenure=tenure if book == "existing" else None,
                                     gross_margin=MARGIN, discount_rate=RATE)
    here = crowd(tenure if book == "existing" else 0)
    price = float(here @ PAID)
    group = base.groups(book)[0].but(price=price, money=here * PAID / price, age=tenure
                                     if book == "existing" else None)
    object.__setattr__(base, "groups", lambda which, detail=None, drawn=False, every=False, months=None: (
        [group if months is None else group.until(months)] if which == book else []))
    return base


def crowd(tenure: int) -> np.ndarray:
    here = PEOPLE * (1 - THETA) ** tenure
    return here / here.sum()


def chances(here: np.ndarray, share: float, kappa: float) -> np.ndarray:
    """Chance per type so that `share` of those here say yes: logistic(c - kappa z), z standardised."""
    weight, odds = here / here.sum(), np.log(THETA / (1 - THETA))
    middle = weight @ odds
    z = (odds - middle) / np.sqrt(weight @ (odds - middle) ** 2)
    chance = lambda c: 1 / (1 + np.exp(-(c - kappa * z)))  # noqa: E731
    return chance(brentq(lambda c: weight @ chance(c) - share, -60, 60, xtol=1e-14))


class Crowd:
    """People who have met the same things so far."""

    def __init__(self, wants, **facts):
        self.wants, self.served = wants.copy(), wants.copy()
        self.first, self.refunded, self.pace, self.typed = None, False, 1.0, None
        self.delay, self.exempt, self.told, self.raised, self.level = 0, False, False, None, 1.0
        self.bought = (1.0,
                       1.0)  # price level of the present term, and the share of the list price paid for it
        self.small, self.net, self.echoes = False, False, {}
        self.__dict__.update(facts)

    def part(self, share, **facts) -> "Crowd":
        other = Crowd(self.wants * share)
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k not in ("wants", "served")},
                              **facts)
        other.served, other.echoes = self.served * share, dict(self.echoes)
        return other

    def lose(self, share):
        self.wants, self.served = self.wants * (1 - share), self.served * (1 - share)

    def pays(self, month) -> bool:
        return self.first is None or (month - self.first) % 12 == 0


def walk(book, tenure, rise=None, keep=None, annual=None):
    """In force, MRR, cash and cost by month, of the plan with these levers."""
    crowds = [Crowd(crowd(tenure if book == "existing" else 0))]
    keep = keep if book == "existing" and keep and tenure >= keep.older_than else None
    if keep:
        last = {"months": keep.start + (keep.months or 0), "forever": 10_000,
                "renewal": next(m for m in range(keep.start, keep.start + 12)
                                if (tenure + m) % 12 == 0)}[keep.until]
        waves = keep.phase_in + 1 if keep.until != "forever" else 1
        crowds = [crowds[0].part(1 / waves, delay=last + wave) for wave in range(waves)]
    out = np.zeros((4, H))
    for month in range(H):
        for one in crowds:
            if one.pays(month) or one.refunded:
                one.served = one.wants.copy()
            for (day, _), loss in one.echoes.items():
                if day == month:
                    one.lose(loss)
        if rise and (rise.scope in ("both", book)):
            crowds = [part for one in crowds for part in meet(one, month, rise, keep, book)]
        if annual and annual.scope in ("both", book):
            crowds = take(crowds, month, annual)
        for one in crowds:
            _pay(one, month, out, annual)
        for one in crowds:
            power = one.pace * (one.raised[1] if one.raised and month >= one.raised[0] else 1.0)
            stay = (1 - THETA) ** power
            if one.typed is not None:
                stay = np.full(3, one.typed ** (power / one.pace / 12))
            one.before, one.wants = one.served.copy(), one.wants * stay
            if one.refunded:  # who leaves inside the year gets the rest of it back, a month later
                left, unused = one.wants - one.served, 11 - (month - one.first) % 12
                if month + 1 < H:
                    out[2, month + 1] += (left * unused * PAID).sum() * one.bought[0] * one.bought[1]
    return out


def _pay(one, month, out, annual):
    price = one.level
    off = 1 - (annual.free_months / 12 or annual.discount) if one.first is not None else 1.0
    if one.pays(month):
        one.bought = (price, off)
    out[0, month] += one.served.sum()
    out[1, month] += (one.served * PAID).sum() * one.bought[0] * one.bought[1]
    if one.pays(month):
        out[2, month] += (one.served * PAID).sum() * price * off * (12 if one.first is not None else 1)
    out[3, month] += (one.served * PAID).sum() * (1 - MARGIN)


def meet(one, month, rise, keep, book):
    """A new price on this day, if it is this crowd's day: announcement, choice, smaller plan, loss."""
    due = max(rise.start, one.delay)
    told = max(due - rise.notice, 0)
    off = 1 - (1 - keep.loyalty_discount) * (1 - keep.choice_discount) if keep and one.delay < 10_000 else 0.0
    price = (1 + rise.rise) * (1 - off)
    shares = np.array([keep.keep_share, keep.downgrade_share, keep.leave_share]) if keep else np.array([1.0,
                                                                                                        0, 0])
    _, small, leave = shares / shares.sum()
    loss = rise.one_off_loss * max(price - 1, 0) / rise.rise
    if book == "new" and rise.start <= rise.notice:
        loss = 0.0
    asked = small + leave > 0
    marked = one.exempt or one.net or asked or rise.leavers == "leaky"
    if month == 0 and not marked and loss * rise.downgrade_share:
        parts = [one.part(loss * rise.downgrade_share, exempt=True, small=True),
                 one.part(1 - loss * rise.downgrade_share, net=True)]
        return [part for crowd_ in parts for part in meet(crowd_, month, rise, keep, book)]
    if one.exempt:
        if one.small and month >= due:
            one.level = rise.downgrade_price
        return [one]
    if one.net:
        loss = loss * (1 - rise.downgrade_share) / (1 - loss * rise.downgrade_share)
    if asked:
        loss = leave / (1 - small)
    decay = 0.0 if asked else rise.one_off_decay
    early = rise.announced * loss if told < due and not asked else 0.0
    if month >= told and told < due and not one.told and one.pays(month):
        one.told = True
        _shock(one, month, early, decay, rise)
    if month < due or one.raised or not one.pays(month):
        return [one]
    found = []
    if small:
        found, one = [one.part(small, exempt=True)], one.part(1 - small)
    if rise.leavers == "leaky" and loss * rise.downgrade_share and not asked:
        chance = chances(one.wants, loss, -1.0) * rise.downgrade_share
        found, one = [*found, one.part(chance, exempt=True, level=rise.downgrade_price)], one.part(1 - chance)
        loss = loss * (1 - rise.downgrade_share) / (1 - loss * rise.downgrade_share)
        early = 0.0
    one.raised, one.level = (month, price**rise.churn_elasticity), price
    _shock(one, month, (loss - early) / (1 - early), decay, rise)
    return [*found, one]


def _shock(one, month, loss, decay, rise):
    if not loss:
        return
    one.lose(loss if rise.leavers == "evenly" else chances(one.wants, loss, -1.0))
    if one.first is None and rise.leavers == "evenly":
        for j in (1, 2):
            one.echoes[month + j, month] = loss * decay**j


def take(crowds, month, annual):
    """The batch asked in this month, out of people who were set aside for it at the beginning."""
    batches = range(annual.start, annual.start + annual.phase_in + 1)
    if month == 0:
        crowds = [one.part(1 / len(batches), batch=batch) for one in crowds for batch in batches]
    here = [one for one in crowds if one.batch == month and one.first is None]
    if not here:
        return crowds
    chance = chances(sum(one.wants for one in here), annual.adoption, annual.selection)
    found = [one for one in crowds if all(one is not other for other in here)]
    for one in here:
        found.append(one.part(1 - chance, batch=-1))
        for refunded, share in ((True, annual.refunds), (False, 1 - annual.refunds)):
            for forgets, of in ((True, 1 - annual.reminded), (False, annual.reminded)):
                pace = annual.renewal_effect * (np.log(0.75) / np.log(0.52) if forgets else 1.0)
                typed = annual.renewal_rate if annual.intent == "typed" else None
                found.append(one.part(chance * share * of, first=month, refunded=refunded, typed=typed,
                                      pace=1.0 if typed else pace))
                # Who pays a year ahead on the very day of a loss has decided: no echo.
                found[-1].echoes = {key: loss for key, loss in one.echoes.items() if key[1] != month}
    return found


def check(book, tenure, *levers, **facts):
    found = evaluate(base_of(book, tenure), cs.Scenario("", levers).active, H)
    money = found.existing if book == "existing" else found.new
    expected = walk(book, tenure, **facts)
    for row, name in enumerate(("in_force", "mrr", "cash", "cost")):
        np.testing.assert_allclose(getattr(money, name)[:H], expected[row], rtol=1e-8, atol=1e-9,
                                   err_msg=name)


shares, books = st.floats(0.0, 0.6), st.sampled_from(["new", "existing"])
rises = st.builds(cs.PriceIncrease, rise=st.floats(0.05, 0.5),
                  one_off_loss=st.sampled_from([0.0, 0.02, 0.15, 0.4]), one_off_decay=shares,
                  churn_elasticity=st.floats(0, 1.5), notice=st.integers(0, 4), announced=shares,
                  downgrade_share=shares, downgrade_price=st.floats(0.2, 0.9), start=st.integers(0, 20))
keeps = st.builds(cs.Grandfathering, months=st.integers(0, 14),
                  until=st.sampled_from(["months", "renewal", "forever"]),
                  older_than=st.integers(0, 12), loyalty_discount=st.floats(0, 0.2),
                  choice_discount=st.floats(0, 0.2),
                  keep_share=st.floats(0.3, 1), downgrade_share=st.sampled_from([0.0, 0.3]),
                  leave_share=st.sampled_from([0.0, 0.1]), start=st.integers(0, 8),
                  phase_in=st.integers(0, 4))
offers = st.builds(cs.AnnualBilling, adoption=st.floats(0.05, 0.9), discount=shares,
                   selection=st.floats(-1, 2),
                   free_months=st.integers(0, 3), renewal_effect=st.floats(0.3, 2), reminded=st.floats(0, 1),
                   refunds=st.sampled_from([0.0, 0.2, 1.0]), renewal_rate=st.floats(0.3, 0.95),
                   intent=st.sampled_from(["same", "typed"]),
                   start=st.integers(0, 9), phase_in=st.integers(0, 5))
ONE_BY_ONE = settings(deadline=None, max_examples=40)


@ONE_BY_ONE
@given(books, st.integers(0, 26), rises)
def test_a_price_increase_in_full(book, tenure, rise):
    check(book, tenure, rise, rise=rise)


@ONE_BY_ONE
@given(books, st.integers(0, 26), rises, shares)
def test_the_leaky_leave_first(book, tenure, rise, part):
    """Echoes are looked at apart: they are one more solution each."""
    rise = replace(rise, leavers="leaky", one_off_decay=0.0, downgrade_share=part
                   if rise.announced < 0.3 else 0.0,
                   announced=0.0 if rise.announced < 0.3 else rise.announced)
    check(book, tenure, rise, rise=rise)


@ONE_BY_ONE
@given(st.integers(0, 26), rises, keeps)
def test_keeping_old_prices_in_full(tenure, rise, keep):
    check("existing", tenure, rise, keep, rise=rise, keep=keep)


@ONE_BY_ONE
@given(books, st.integers(0, 26), offers)
def test_annual_billing_in_full(book, tenure, offer):
    check(book, tenure, offer, annual=offer)


@ONE_BY_ONE
@given(books, st.integers(0, 26), rises, keeps, offers)
def test_all_three_together(book, tenure, rise, keep, offer):
    """Without echoes where months are refunded: the echo of a loss inside a paid year is not refunded."""
    rise = replace(rise, one_off_decay=0.0 if offer.refunds else rise.one_off_decay)
    check(book, tenure, rise, keep, offer, rise=rise, keep=keep, annual=offer)
