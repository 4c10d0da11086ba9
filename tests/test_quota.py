"""How much one person may upload in an hour."""

from pages.shared import quota
from pages.shared.quota import MOST_PEOPLE, Quota

MB = 1 << 20


def test_so_many_files_and_no_more_until_the_hour_is_over():
    asked = Quota(files=3, size=100 * MB)
    assert [asked.refusal("ana", MB, now) for now in (0, 600, 1200)] == ["", "", ""]
    assert asked.refusal("ana", MB, 1800) == (
        "This server takes at most 3 files and 100 MB in an hour from one person. Try again in 30 minutes."
    )
    assert asked.refusal("ana", MB, 3599) and asked.refusal("ana", MB, 3600) == "", "the first is an hour old"
    assert asked.refusal("ana", MB, 3601), "and no more than that"


def test_so_many_bytes_and_what_is_refused_does_not_count():
    asked = Quota(files=100, size=10 * MB)
    assert asked.refusal("ana", 8 * MB, 0) == ""
    assert asked.refusal("ana", 3 * MB, 1) and asked.refusal("ana", 3 * MB, 2)
    assert asked.refusal("ana", 2 * MB, 3) == ""
    assert "smaller file" in asked.refusal("ben", 11 * MB, 4), "waiting would not help"


def test_one_persons_uploads_are_not_anothers():
    asked = Quota(files=1)
    assert asked.refusal("ana", 1, 0) == "" and asked.refusal("ana", 1, 1) and asked.refusal("ben", 1, 1) == ""


def test_a_thousand_invented_people_take_no_memory():
    asked = Quota(files=1)
    for number in range(MOST_PEOPLE + 500):
        asked.refusal(f"invented-{number}", 1, number)
    assert len(asked._taken) == MOST_PEOPLE
    assert asked.refusal(f"invented-{MOST_PEOPLE + 499}", 1, MOST_PEOPLE + 499), "the latest are remembered"


def test_the_data_page_says_it(monkeypatch):
    from tests.test_data_page import SMALL, page, said

    monkeypatch.setattr(quota, "OF_THIS_SERVER", Quota(files=0))
    at = page()
    at.file_uploader[0].upload("export.csv", SMALL)
    at.run()
    assert not at.exception and "This server takes at most 0 files" in said(at)
