"""What every database must do for saved scenarios: the same tests run on SQLite and on PostgreSQL."""

from datetime import datetime, timedelta, timezone

import pytest

import cs_models as cs
from cs_models.problems import Problem
from cs_models.saved import SavedScenario
from cs_models.shelf import Conflict, Draft

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
HOSTILE = "'; DROP TABLE scenarios; -- ![x](http://h) $5 \u202e“ü”"
FLAT = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True, digest="ab" * 32)


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def draft(name: str = "Autumn", rise: float = 0.1, reasons: str = "Costs rose.") -> Draft:
    plan = cs.Scenario(name, (cs.PriceIncrease(rise=rise),))
    saved = SavedScenario.of(cs.compare(FLAT, plan, 36), name, reasons)
    return Draft(saved, "ab" * 16, "export.csv", NOON.date(), "Raising prices 10 % adds $41.")


class Contract:
    """Subclasses give a fixture `shelf` (empty) and `again` (a second connection to the same database)."""

    def test_what_is_saved_comes_back(self, shelf):
        one = shelf.save(draft(), "Ana", NOON)
        found = shelf.get(one.id)
        assert found == one and found.saved == draft().saved
        assert (found.author, found.created_at, found.number, found.parent) == ("Ana", NOON, 1, None)
        assert (found.data_name, found.data_day, found.fingerprint) == ("export.csv", NOON.date(), "ab" * 8)
        assert found.figure == draft().saved.figure and "over 36 months" in found.amount
        assert len(one.id) >= 8 and shelf.save(draft(), "Ana", NOON).id != one.id

    def test_an_author_is_kept_with_the_person(self, shelf, again):
        one = shelf.save(draft(), "Ana", NOON, author_id="c" * 32)
        assert again.get(one.id).author_id == "c" * 32 and shelf.save(draft(), "Ana", NOON).author_id == ""

    def test_text_of_users_is_kept_and_never_obeyed(self, shelf):
        one = shelf.save(draft(HOSTILE, reasons=HOSTILE), HOSTILE, NOON)
        shelf.comment(one.id, HOSTILE, HOSTILE, NOON)
        assert shelf.get(one.id).name == HOSTILE and shelf.comments(one.id)[0].text == HOSTILE and len(shelf.list()) == 1

    def test_an_edit_is_a_child_and_the_parent_stays(self, shelf):
        one = shelf.save(draft(), "Ana", NOON)
        two = shelf.save(draft(rise=0.2), "Ben", later(1), parent=one.id)
        assert shelf.get(one.id) == one, "a row never changes"
        assert (two.number, two.parent, two.family) == (2, one.id, one.family)
        assert [entry.number for entry in shelf.history(two.id)] == [1, 2] and shelf.list() == (two,)
        assert shelf.newest(one.id) == two

    def test_the_second_of_two_is_told_and_loses_nothing(self, shelf, again):
        one = shelf.save(draft(), "Ana", NOON)
        hers = shelf.save(draft("Hers", 0.2), "Ana", later(2), parent=one.id)
        with pytest.raises(Conflict, match="Ana saved a newer version of “Hers” on 22 Nov 2026, 12:02 UTC") as told:
            again.save(draft("Mine", 0.3), "Ben", later(3), parent=one.id)
        assert told.value.newest == hers and len(shelf.history(one.id)) == 2
        copy = again.save(draft("Mine", 0.3), "Ben", later(4), parent=one.id, copy=True)
        assert copy.number == 1 and copy.parent == one.id and len(shelf.list()) == 2
        on_top = again.save(draft("Mine", 0.3), "Ben", later(5), parent=hers.id)
        assert on_top.number == 3 and shelf.newest(one.id) == on_top

    def test_put_away_and_taken_back(self, shelf):
        one, other = shelf.save(draft(), "Ana", NOON), shelf.save(draft("Other"), "Ana", later(1))
        two = shelf.save(draft(rise=0.2), "Ana", later(2), parent=one.id)
        shelf.delete(one.id, "Ben", later(3))
        assert shelf.list() == (other,) and [e.id for e in shelf.list(deleted=True)] == [two.id]
        assert shelf.get(one.id).deleted and all(entry.deleted for entry in shelf.history(one.id))
        shelf.restore(two.id, "Ana", later(4))
        assert shelf.list() == (two, other) and not shelf.get(one.id).deleted and not shelf.list(deleted=True)

    def test_comments_stand_beside_all_versions(self, shelf):
        one = shelf.save(draft(), "Ana", NOON)
        two = shelf.save(draft(rise=0.2), "Ana", later(1), parent=one.id)
        other = shelf.save(draft("Other"), "Ana", NOON)
        said = [shelf.comment(one.id, "Ben", "Too high?", later(2)), shelf.comment(two.id, " ", "No.", later(3))]
        assert shelf.comments(one.id) == shelf.comments(two.id) == tuple(said) and shelf.comments(other.id) == ()
        assert said[1].author == "local"
        with pytest.raises(Problem, match="nothing in the comment"):
            shelf.comment(one.id, "Ben", "  ", NOON)

    @pytest.mark.parametrize("wrong", ["nothing-here", "", "../x", "a" * 65, "' OR 1=1 --"])
    def test_an_unknown_id_is_a_sentence(self, shelf, wrong):
        for ask in (shelf.get, shelf.newest, shelf.history, shelf.comments):
            with pytest.raises(Problem, match="not on this server"):
                ask(wrong)
        with pytest.raises(Problem, match="not on this server"):
            shelf.save(draft(), "Ana", NOON, parent=wrong)

    def test_two_connections_see_the_same(self, shelf, again):
        one = shelf.save(draft(), "Ana", NOON)
        assert again.get(one.id) == one and again.list() == (one,)

    def test_a_moment_of_another_zone_is_the_same_moment(self, shelf):
        zone = timezone(timedelta(hours=5, minutes=30))
        assert shelf.save(draft(), "Ana", NOON.astimezone(zone)).created_at == NOON
