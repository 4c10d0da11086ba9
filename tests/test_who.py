"""Who may see, change and share what: two people behind one gate, and one person where nobody is told apart."""

from dataclasses import replace

import pytest
from shelf_contract import NOON, draft
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models import ownership
from cs_models.problems import Problem
from cs_models.shelf import Shelf
from pages.scenarios import save
from pages.shared import cache, quota, session, share, who
from pages.shared.who import EDITOR, OIDC, PROXY, VIEWER, Person, Rules
from scripts import owners
from tests.places import ROOT

BOOK = b"customer,start,end,mrr,plan\n" + b"".join(
    b"c-%d,2024-0%d-01,%s,50,basic\n" % (n, 1 + n % 6, b"2025-0%d-15" % (1 + n % 5) if n % 3 else b"") for n in range(300)
)
ANA, BEN, EVE = ({"email": f"{name}@firm.test"} for name in ("ana", "ben", "eve"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    cache.store.clear()
    cache.subscriptions.clear()
    share.forget()
    yield
    who.rule(Rules())
    share.forget()
    cache.store.clear()


@pytest.fixture
def proxied():
    """A server behind a proxy; ana and ben may change things, everybody else of the firm looks."""
    who.rule(Rules(PROXY, ("*@firm.test",), ("ana@firm.test", "ben@firm.test")))


def anas(shared: bool = False) -> str:
    """A data set of Ana's."""
    return data_of(who.person(ANA), shared)


def data_of(person: Person, shared: bool = False) -> str:
    store = cache.store()
    sha = store.intake([BOOK])
    found = store.save(cs.read(store.upload_path(sha), as_of="2025-12-31"), sha, person.id)
    ownership.share(store.folder(found), shared)
    return found


def part() -> None:
    """What is the owner's of the Data page, or the whole page Saved: without the numbers, which take longer."""
    import runpy

    import streamlit as st

    from pages.data import opened
    from pages.shared import door, session, who

    if not who.admitted():
        door.closed()
    with session.visit(st.session_state["title"]):
        if session.scenario_lost() or session.page() == "Saved":
            runpy.run_path("pages/saved/page.py")
        else:
            opened.shared()
            opened.stays()
            opened.delete()
        if problem := session.link_problem():
            st.error(problem)


def visit(claims: dict, title: str = "Data", **values: str) -> AppTest:
    """Part of a page as this person finds it."""
    at = AppTest.from_function(part, default_timeout=60)
    at.session_state["title"] = title
    return _begun(at, claims, values)


def app(claims: dict, page: str, **values: str) -> AppTest:
    """A whole page, on a sample or on data opened after the first page."""
    at = _begun(AppTest.from_file(ROOT / "app.py", default_timeout=240), claims, values)
    return clean(at.switch_page(f"pages/{page}/page.py").run())


def _begun(at: AppTest, claims: dict, values: dict[str, str]) -> AppTest:
    at.user = claims
    for name, value in values.items():
        at.query_params[name] = value
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def told(at: AppTest) -> str:
    parts = [*at.title, *at.markdown, *at.caption, *at.info, *at.warning, *at.error]
    return " ".join(str(part.value) for part in parts).replace("\\", "")


def keys(at: AppTest) -> set[str]:
    return {one.key for kind in ("button", "toggle", "radio", "file_uploader", "text_input") for one in at.get(kind)}


def opened(at: AppTest) -> str:
    return at.session_state["_data_set"]


# --- who somebody is ---


@pytest.mark.parametrize("rules, claims, found", [
    (Rules(), {}, (EDITOR, "")), (Rules("password"), ANA, (EDITOR, "")),
    (Rules(PROXY), ANA, (EDITOR, "ana@firm.test")), (Rules(PROXY), {}, None), (Rules(PROXY), {"email": " "}, None),
    (Rules(PROXY, ("*@firm.test",)), {"email": "x@firm.test.evil"}, None),
    (Rules(PROXY, (), ("ben@firm.test",)), ANA, (VIEWER, "ana@firm.test")),
    (Rules(OIDC, ("*",)), {**ANA, "sub": "1"}, None), (Rules(OIDC, ("*",)), {**ANA, "is_logged_in": True}, None),
    (Rules(OIDC, ("*",)), {**ANA, "sub": "1", "is_logged_in": True}, (EDITOR, "ana@firm.test")),
    (Rules(OIDC, ("*@firm.test",)), {**ANA, "sub": "1", "is_logged_in": True, "email_verified": False}, None),
    (Rules(OIDC, ("*@firm.test",)), {**ANA, "sub": "1", "is_logged_in": True}, None),
    (Rules(OIDC, ("*@firm.test",)), {"sub": "1", "is_logged_in": True}, None),
])  # fmt: skip
def test_who_somebody_is(rules, claims, found):
    who.rule(rules)
    person = who.person(claims)
    assert (person and (person.role, person.name)) == found


def test_a_provider_s_person_is_the_subject_and_nobody_can_choose_that():
    who.rule(Rules(OIDC, ("*@firm.test",)))
    one = {**ANA, "email_verified": True, "is_logged_in": True, "iss": "https://id.test", "sub": "1"}
    own = who.person(one).id
    assert who.person({**one, "email": "ana.b@firm.test"}).id == own, "a new address, the same person"
    assert len({own, who.person({**one, "sub": "2"}).id, who.person({**one, "iss": "https://evil.test"}).id}) == 3
    assert "ana" not in own and who.digest(PROXY, "ana@firm.test") != own


def test_without_a_page_around_it_nobody_is_anybody(proxied):
    assert who.who() == who.NOBODY and not who.admitted()


def test_a_page_is_run_for_nobody_the_gate_should_not_have_let_in(proxied):
    for claims in ({}, {"email": "eve@elsewhere.test"}):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.user = claims
        at.run()
        assert [one.value for one in at.title] == ["Sign in first"] and not at.metric


# --- whose data ---


def test_another_person_s_data_are_not_here_until_they_are_shared(proxied):
    data = anas()
    assert opened(visit(ANA, ds=data)) == data
    at = visit(BEN, ds=data)
    assert opened(at) == "sample" and "book.csv" not in told(at)
    ownership.share(cache.store().folder(data), True)
    at = visit(BEN, ds=data)
    assert opened(at) == data and "Another person's data" in told(at)
    assert not keys(at) & {"delete", f"share-{data[:8]}", f"stay-{data[:8]}"}, "only their owner's to do"
    assert {"delete", f"share-{data[:8]}", f"stay-{data[:8]}"} <= keys(visit(ANA, ds=data))


def test_the_owner_s_switch_shares_and_takes_back_even_what_is_open(proxied):
    data = anas()
    mine = visit(ANA, ds=data)
    mine.toggle(key=f"share-{data[:8]}").set_value(True).run()
    other = visit(BEN, ds=data)
    assert opened(other) == data
    mine.toggle(key=f"share-{data[:8]}").set_value(False).run()
    other.run()
    assert opened(other) == "sample" and not other.exception


def keep(claims: dict, name: str) -> str:
    """The book as this person's own, under the name he gives it."""
    store = cache.store()
    sha = store.intake([BOOK])
    subs = replace(cs.read(store.upload_path(sha), as_of="2025-12-31"), source_name=name)
    return store.save(subs, sha, who.person(claims).id)


def test_who_brings_the_same_file_has_a_data_set_of_his_own(proxied, drafted):
    """Name, time, sharing, what is saved on it, and deleting it are each one's own."""
    anas_own, store = keep(ANA, "anas.csv"), cache.store()
    store.let_stay(anas_own, "kept")
    entry = kept_on(anas_own)
    bens_own = keep(BEN, "bens.csv")
    assert bens_own != anas_own and keep(BEN, "bens.csv") == bens_own, "the same person's is the same"
    assert [store.load(one).source_name for one in (anas_own, bens_own)] == ["anas.csv", "bens.csv"]
    bens = visit(BEN, ds=bens_own)
    bens.radio(key=f"stay-{bens_own[:8]}").set_value("tab").run()
    clean(bens.toggle(key=f"share-{bens_own[:8]}").set_value(True).run())
    assert (store.stay(anas_own), store.stay(bens_own)) == ("kept", "tab")
    for other in (BEN, EVE):
        assert opened(visit(other, ds=anas_own)) == "sample"
        assert "not on this server" in told(visit(other, scenario=entry.id))
    clean(visit(ANA, ds=anas_own).button(key="delete").click().run())
    assert not store.has(anas_own) and store.load(bens_own).digest and store.upload_path(store.upload_of(bens_own))


def of_two() -> str:
    """A data set from before each had his own: Ana's and Ben's."""
    store = cache.store()
    sha = store.intake([BOOK])
    data = store.save(cs.read(store.upload_path(sha), as_of="2025-12-31"), sha)
    for one in (ANA, BEN):
        ownership.give(store.folder(data), who.person(one).id)
    return data


def test_what_one_saved_on_data_of_several_is_not_the_others(proxied):
    data = of_two()
    entry = kept_on(data)
    ownership.share(cache.store().folder(data), True)
    assert "Autumn" in told(visit(ANA, "Saved"))
    for other in (BEN, EVE):
        assert opened(visit(other, ds=data)) == data and "not on this server" in told(visit(other, scenario=entry.id))


def test_a_data_set_of_one_from_before_goes_on_when_he_loads_it_again(proxied):
    data, store = of_two(), cache.store()
    ana, ben = (who.person(one).id for one in (ANA, BEN))
    subs = store.load(data)
    assert len({data, store.save(subs, "", ana), store.save(subs, "", ben)}) == 3, "of two: each begins anew"
    ownership.take(store.folder(data), ben)
    assert store.save(subs, "", ana) == data and store.load(data).digest == subs.digest


# --- counting again ---


def counting_again() -> None:
    """The definitions of the open data, and a press that should not be there."""
    import streamlit as st

    from pages.data import opened, waiting
    from pages.shared import answers, session

    with session.visit("Data"):
        st.markdown(session.told())
        opened.definitions(answers.subscriptions())
        st.button("Again", key="again", on_click=waiting.save_again, args=({"gap_days": "60"},))


def counts_again(claims: dict, data: str) -> AppTest:
    at = _begun(AppTest.from_function(counting_again, default_timeout=60), claims, {"ds": data})
    return clean(at.button(key="again").click().run())


def files_of(store) -> list:
    return [path for part in ("datasets", "uploads") for path in (store.root / part).iterdir()]


def test_deleted_for_good_leaves_no_copy_with_whom_they_were_shared(proxied):
    data, store = anas(shared=True), cache.store()
    at = counts_again(BEN, data)
    assert opened(at) == data and store.ids() == [data] and told(at).count(who.NOT_COUNTED) == 2, "the press, and beside it"
    own = opened(counts_again(ANA, data))
    assert own != data and store.ids() == sorted([own, data])
    clean(visit(ANA, ds=data).button(key="delete").click().run())
    assert files_of(store) == []


def test_data_that_are_nobody_s_to_delete_may_be_counted_again(proxied):
    data = anas(shared=True)
    ownership.take(cache.store().folder(data), who.person(ANA).id)
    bens = opened(counts_again(BEN, data))
    assert bens != data and who.person(BEN).id in ownership.owners(cache.store().folder(bens))
    assert opened(counts_again(EVE, data)) == data and len(cache.store().ids()) == 2, "a viewer keeps nothing"


def test_what_somebody_keeps_is_his_alone_and_a_viewer_keeps_nothing(proxied, monkeypatch):
    subs = cache.store().load(anas())
    monkeypatch.setattr(who, "who", lambda: who.person(BEN))
    data = session.keep_data(replace(subs, source_name="bens.csv"), "")
    assert who.person(BEN).id in ownership.owners(cache.store().folder(data)) and not who.shared(data)
    monkeypatch.setattr(quota, "MOST_DATA_SETS", 1)
    with pytest.raises(Problem, match="Delete a data set first"):
        session.keep_data(subs, "")
    monkeypatch.setattr(who, "who", lambda: who.person(EVE))
    with pytest.raises(Problem, match="look and comment"):
        session.keep_data(subs, "")
    assert not who.sees(data)


def test_a_viewer_looks_and_changes_nothing(proxied, drafted):
    data = anas(shared=True)
    at = visit(EVE, ds=data)
    assert opened(at) == data and not keys(at) & {"delete", f"share-{data[:8]}", f"stay-{data[:8]}"}
    at = app(EVE, "data")
    assert who.LOOK_ONLY in told(at) and not at.file_uploader and at.button(key="redefine").disabled
    at = AppTest.from_function(saving, default_timeout=60)
    assert _begun(at, EVE, {}).button(key="save-box").disabled
    clean(at.button(key="save").click().run())
    assert share._every().list() == () and who.LOOK_ONLY in told(at), "nor by a press that should not be there"


def test_where_nobody_is_told_apart_all_is_as_it_was():
    data = anas()
    at = visit({}, ds=data)
    assert opened(at) == data and {"delete", f"stay-{data[:8]}"} <= keys(at) and f"share-{data[:8]}" not in keys(at)
    assert who.who() == Person() and who.owns(data) and who.sees(data)


def test_data_from_before_there_were_owners_are_nobody_s_until_the_operator_says(proxied, capsys):
    data = anas()
    ownership.take(cache.store().folder(data), who.person(ANA).id)
    assert opened(visit(ANA, ds=data)) == "sample"
    assert owners.main([], cache.store()) == 0 and capsys.readouterr().out == f"{data}\n"
    owners.main(["--give", "Ana@firm.test", "--all"], cache.store())
    assert opened(visit(ANA, ds=data)) == data and opened(visit(BEN, ds=data)) == "sample"
    owners.main(["--share", data], cache.store())
    assert opened(visit(BEN, ds=data)) == data and owners.main(["--share", "0" * 32], cache.store()) == 1


AT_HOME = {"is_logged_in": True, "iss": "https://id.firm.test", "email_verified": True}


def test_what_is_given_to_an_address_is_hers_who_signs_in_with_it_and_stays_hers():
    who.rule(Rules(OIDC))
    ana, eve = AT_HOME | ANA | {"sub": "a-1"}, AT_HOME | EVE | {"sub": "e-1"}
    data = data_of(who.Person("1" * 32))
    ownership.take(cache.store().folder(data), "1" * 32)
    assert owners.main(["--give", " Ana@firm.test", data], cache.store()) == 0
    assert opened(visit(eve, ds=data)) == opened(visit(ana | {"email_verified": False}, ds=data)) == "sample"
    silent = {name: claim for name, claim in ana.items() if name != "email_verified"}
    assert opened(visit(silent, ds=data)) == "sample", "silence about who has the address is not enough"
    assert opened(visit(ana, ds=data)) == data and "delete" in keys(visit(ana, ds=data))
    assert ownership.owners(cache.store().folder(data)) == {who.by_subject("https://id.firm.test", "a-1")}
    assert opened(visit(ana | {"sub": "a-2"}, ds=data)) == "sample", "the next to have that address"


def test_what_is_given_to_a_subject_is_his_alone():
    who.rule(Rules(OIDC))
    ana = AT_HOME | ANA | {"sub": "a-1", "email_verified": False}
    data = data_of(who.Person("1" * 32))
    ownership.take(cache.store().folder(data), "1" * 32)
    assert owners.main(["--give", "a-1", "--issuer", "https://id.firm.test", "--all"], cache.store()) == 0
    assert opened(visit(ana, ds=data)) == data
    assert opened(visit(ana | {"iss": "https://other.test"}, ds=data)) == opened(visit(ana | {"sub": "a"}, ds=data)) == "sample"


# --- saved scenarios follow ---


def kept_on(data: str, author: str = "ana@firm.test", person: str = ""):
    draft_of = replace(draft("Autumn"), data_set=data, data_name="book.csv")
    return share._every().save(draft_of, author, NOON, author_id=person)


def provided(subject: str, email: str = "ana@firm.test", **more) -> dict:
    """Whom an identity provider speaks of."""
    return {"email": email, "sub": subject, "is_logged_in": True, "iss": "https://id.test", **more}


@pytest.mark.parametrize("people", ["*", "*@firm.test"])
def test_an_author_is_a_person_and_not_an_address(monkeypatch, people):
    who.rule(Rules(OIDC, (people,)))
    vouched = {} if people == "*" else {"email_verified": True}
    ana = provided("1", **vouched)
    entry = kept_on("0" * 32, person=who.person(ana).id)
    assert Asked(monkeypatch, {**ana, "email": "ana.b@firm.test"}).shelf.get(entry.id) == entry, "a new address, the same person"
    other = Asked(monkeypatch, provided("2", **vouched)).shelf
    assert other.list() == ()
    with pytest.raises(Problem, match="not on this server"):
        other.get(entry.id)


def test_a_proxy_s_person_is_the_address_however_it_is_spelt(proxied, monkeypatch):
    before, since = kept_on("0" * 32), kept_on("0" * 32, person=who.person(ANA).id)
    assert {one.id for one in Asked(monkeypatch, {"email": "Ana@Firm.test"}).shelf.list()} == {before.id, since.id}
    assert Asked(monkeypatch, BEN).shelf.list() == ()


def test_what_was_saved_before_persons_were_kept_is_his_whose_address_is_vouched_for(monkeypatch):
    who.rule(Rules(OIDC, ("*",)))
    before = kept_on("0" * 32)
    assert Asked(monkeypatch, provided("2")).shelf.list() == (), "anybody could bear it"
    assert Asked(monkeypatch, provided("2", email_verified=False)).shelf.list() == ()
    assert Asked(monkeypatch, provided("1", email_verified=True)).shelf.list() == (before,)


def test_what_is_saved_on_a_page_bears_the_person(proxied, drafted):
    at = _begun(AppTest.from_function(saving, default_timeout=60), ANA, {})
    clean(at.button(key="save").click().run())
    (entry,) = share._every().list()
    assert entry.author_id == who.person(ANA).id and "ana" not in entry.author_id


def test_a_link_to_another_s_data_opens_the_scenario_on_its_own(proxied):
    bens, hers = data_of(who.person(BEN)), anas()
    entry = kept_on(bens, "ben@firm.test")
    at = visit(BEN, scenario=entry.id, ds=hers)
    assert opened(at) == bens and not at.session_state["_lost"], "its own data are here"
    assert at.session_state["_missing"], "and what is not is told"
    assert at.session_state["_scenario"] == entry.id and "ds" not in at.query_params


def test_a_saved_scenario_is_where_its_data_are(proxied):
    data = anas()
    entry = kept_on(data)
    share._every().save(replace(draft("Spring"), data_set="sample"), "eve@firm.test", NOON)
    assert "Autumn" in told(visit(ANA, "Saved")) and "Autumn" not in told(visit(BEN, "Saved"))
    at = visit(BEN, scenario=entry.id)
    assert "not on this server" in told(at) and entry.headline not in told(at)
    ownership.share(cache.store().folder(data), True)
    assert "Autumn" in told(visit(BEN, "Saved"))
    cache.store().delete(data)
    assert "Autumn" in told(visit(ANA, "Saved")) and "Autumn" not in told(visit(BEN, "Saved"))


@pytest.fixture
def drafted(monkeypatch):
    """What is saved is a plan of the tests, on the data that are open."""
    monkeypatch.setattr(save, "_draft", lambda: replace(draft(), data_set=session.data_id()))


def test_saving_shares_nothing_unless_that_is_chosen(proxied, drafted):
    data = anas()
    at = _begun(AppTest.from_function(saving, default_timeout=60), ANA, {"ds": data})
    assert "yours alone" in told(at)
    clean(at.button(key="save").click().run())
    assert len(share._every().list()) == 1 and not ownership.shared(cache.store().folder(data))
    clean(at.toggle(key="scenario-shared").set_value(True).run())
    assert "Everybody who works on this server" in told(at)
    clean(at.button(key="save").click().run())
    assert len(share._every().list()) == 2 and ownership.shared(cache.store().folder(data))


def saving() -> None:
    """The part of the save dialog that says who will see it, and its deed."""
    import streamlit as st

    from pages.scenarios import save
    from pages.shared import session, who

    with session.visit("Scenarios"):
        save._seen_by() if who.edits() else save.button(None)
        st.markdown(session.told())
        st.button("Save", key="save", on_click=save._save, args=("new",))


def in_conflict() -> None:
    """The save dialog of somebody who was second."""
    import streamlit as st

    from pages.scenarios import save
    from pages.shared import session

    with session.visit("Scenarios"):
        newest = session.seen(save.TAKEN)
        save._taken(newest) if newest else save._seen_by()
        st.button("Save", key="save", on_click=save._save, args=("child",))


@pytest.mark.parametrize("key", ["keep-mine", "keep-copy"])
def test_a_conflict_does_not_lose_the_choice_to_share(proxied, drafted, key):
    data = anas()
    first = kept_on(data)
    at = _begun(AppTest.from_function(in_conflict, default_timeout=60), ANA, {"scenario": first.id})
    clean(at.toggle(key="scenario-shared").set_value(True).run())
    share._every().save(replace(draft("Hers"), data_set=data), "ana@firm.test", NOON, first.id)
    clean(at.button(key="save").click().run())
    assert "saved a newer version" in told(at) and not ownership.shared(cache.store().folder(data))
    clean(clean(at.run()).button(key=key).click().run())
    assert ownership.shared(cache.store().folder(data)) and len(share._every().history(first.id)) == (3 if key == "keep-mine" else 2)


class Asked:
    """The shelf as one person sees it, without a page."""

    def __init__(self, monkeypatch, claims) -> None:
        monkeypatch.setattr(who, "who", lambda: who.person(claims) or who.NOBODY)
        self.shelf = share.shelf()


def test_the_shelf_keeps_what_is_not_for_somebody_to_itself(proxied, monkeypatch):
    hidden, open_one = kept_on(anas()), kept_on("sample")
    child = share._every().save(replace(draft("Autumn"), data_set=hidden.data_set), "ana@firm.test", NOON, open_one.id)
    share._every().comment(child.id, "ana@firm.test", "secret", NOON)
    bens = Asked(monkeypatch, BEN).shelf
    public = {name for name in vars(Shelf) if not name.startswith("_")}
    assert public - {"forget_data", "close"} <= set(dir(bens)), "whatever a page may ask is asked of what he may see"
    assert bens.many() == 1 and [one.id for one in bens.list()] == [open_one.id] == [one.id for one in bens.history(open_one.id)]
    assert bens.newest(open_one.id).id == open_one.id and bens.comments(open_one.id) == ()
    for deed in (lambda: bens.get(hidden.id), lambda: bens.history(child.id), lambda: bens.newest(hidden.id),
                 lambda: bens.comments(hidden.id), lambda: bens.comment(hidden.id, "b", "x", NOON),
                 lambda: bens.delete(hidden.id, "b", NOON), lambda: bens.restore(hidden.id, "b", NOON),
                 lambda: bens.save(draft(), "b", NOON, hidden.id), lambda: bens.save(draft(), "b", NOON, open_one.id)):  # fmt: skip
        with pytest.raises(Problem):
            deed()
    assert bens.save(replace(draft("Own"), data_set="sample"), "ben@firm.test", NOON, open_one.id, copy=True)
    eves = Asked(monkeypatch, EVE).shelf
    assert eves.comment(open_one.id, "eve@firm.test", "I see", NOON)
    for deed in (lambda: eves.delete(open_one.id, "e", NOON), lambda: eves.save(draft(), "e", NOON)):
        with pytest.raises(Problem, match="look and comment"):
            deed()


def test_nobody_puts_away_versions_he_does_not_see(proxied, monkeypatch):
    open_one = kept_on("sample")
    hidden = share._every().save(replace(draft("Autumn"), data_set=anas()), "ana@firm.test", NOON, open_one.id)
    bens, anas_shelf = Asked(monkeypatch, BEN).shelf, share.shelf()
    for deed in (bens.delete, bens.restore):
        with pytest.raises(Problem, match="not for you to see"):
            deed(open_one.id, "ben@firm.test", NOON)
    assert not share._every().get(hidden.id).deleted
    Asked(monkeypatch, ANA)
    anas_shelf.delete(open_one.id, "ana@firm.test", NOON)
    assert share._every().get(hidden.id).deleted


def test_a_person_keeps_so_much_and_no_more(proxied, monkeypatch):
    data, ana = anas(), who.person(ANA).id
    sets, size = ownership.weight(cache.store(), ana)
    assert sets == 1 and size >= len(BOOK) and ownership.weight(cache.store(), who.person(BEN).id) == (0, 0)
    assert quota.full(cache.store(), ana) == "" == quota.full(cache.store(), "")
    monkeypatch.setattr(quota, "MOST_DATA_SETS", 1)
    assert "Delete a data set first" in quota.full(cache.store(), ana) and data
    monkeypatch.setattr(quota, "MOST_DATA_SETS", 9)
    monkeypatch.setattr(quota, "MOST_KEPT", size)
    assert "20" not in quota.full(cache.store(), ana) and quota.full(cache.store(), ana)
