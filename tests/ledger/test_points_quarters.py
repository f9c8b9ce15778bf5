"""Every quarter the points are held against the books and their evidence, and signed by two."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.ledger.points import actions, quarterly
from gongzhi.ledger.points.models import Claim, Quarter, Sample
from gongzhi.people.models import Appointment
from gongzhi.publications.models import Publication
from gongzhi.reactions import run
from ledger import points_life as life
from people import NOW, START, County

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = datetime(2027, 1, 5, 10, 0, tzinfo=SHANGHAI)
FIRST = date(2026, 10, 1)


def lived(county: County) -> None:
    """Three entries and one taken back in the last quarter of 2026; an hour served."""
    book = life.in_force(county)
    life.entered(county, book, "H01", "H03", "A02")
    wrong = Claim.objects.get(item__code="A02")
    actions.reverse(claim_id=wrong.pk, reason="那天没有巡逻", by=county.holders["committee"].pk,
                    at=NOW + 4 * DAY)  # fmt: skip
    service = actions.record(
        person_id=county.ah_mei.pk, on=life.TODAY, minutes=45, what="陪老人看病",
        by=county.holders["grid_worker"].pk, at=NOW,
    )  # fmt: skip
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)


def begun(county: County) -> int:
    return actions.begin_quarter(
        place_id=county.place("village").pk, first_on=FIRST,
        by=county.holders["supervisor"].pk, at=LATER,
    )  # fmt: skip


def second_member(county: County) -> int:
    """Another member of the committee, who checked nothing."""
    Appointment.objects.create(person=county.brother, role="committee", from_on=START,
                               place=county.place("village"))  # fmt: skip
    return county.brother.pk


def looked_at(county: County, quarter: int) -> None:
    for sample in Sample.objects.filter(quarter_id=quarter):
        actions.look_at(sample_id=sample.pk, found=True, words="",
                        by=county.holders["supervisor"].pk, at=LATER)  # fmt: skip


def test_claims_and_books_agree_and_two_sign_and_it_hangs_on_the_board(county: County) -> None:
    lived(county)
    quarter = begun(county)
    assert begun(county) == quarter
    row = Quarter.objects.get()
    assert row.agrees
    assert row.totals["entered"] == row.totals["booked"] == {"deeds": 3, "points": 13}
    assert row.totals["undone"] == row.totals["booked_back"] == {"deeds": 1, "points": 5}
    assert row.totals["minutes"] == {"said": 45, "booked": 45}
    assert (row.totals["funded"], row.totals["held"]) == (10_000, 8)
    supervisor, other = county.holders["supervisor"].pk, second_member(county)
    with pytest.raises(Refused), transaction.atomic():
        actions.sign(quarter_id=quarter, by=supervisor, at=LATER)
    looked_at(county, quarter)
    assert actions.sign(quarter_id=quarter, by=supervisor, at=LATER) == "signed"
    with pytest.raises(Refused), transaction.atomic():
        actions.sign(quarter_id=quarter, by=supervisor, at=LATER)
    assert quarterly.published(county.place("village").pk) == []
    assert actions.sign(quarter_id=quarter, by=other, at=LATER) == "published"
    assert actions.sign(quarter_id=quarter, by=other, at=LATER) == "published"
    run(at=LATER)
    paper = str(Publication.objects.get(subject="points_quarter").body)
    assert "申报3件13分，账上3笔13分" in paper
    assert county.ah_mei.name not in paper
    assert len(quarterly.published(county.place("village").pk)) == 1


def test_a_claim_that_never_reached_the_books_is_seen_and_wants_words(county: County) -> None:
    lived(county)
    life.tamper("points_claim", "points_claim_guard",
                "update points_claim set points = points + 1 where state = 'entered'")  # fmt: skip
    quarter = begun(county)
    assert not Quarter.objects.get().agrees
    looked_at(county, quarter)
    supervisor = county.holders["supervisor"].pk
    with pytest.raises(BadInput), transaction.atomic():
        actions.sign(quarter_id=quarter, by=supervisor, at=LATER)
    actions.sign(quarter_id=quarter, words="有人改过申报，已报镇里", by=supervisor, at=LATER)


def test_missing_evidence_is_written_down_by_somebody_who_did_not_check_it(county: County) -> None:
    lived(county)
    quarter = begun(county)
    sample = Sample.objects.filter(quarter_id=quarter).first()
    assert sample is not None
    with pytest.raises(Refused), transaction.atomic():
        actions.look_at(sample_id=sample.pk, found=True, words="", at=LATER,
                        by=county.holders["committee"].pk)  # fmt: skip
    supervisor = county.holders["supervisor"].pk
    with pytest.raises(BadInput), transaction.atomic():
        actions.look_at(sample_id=sample.pk, found=False, words="", by=supervisor, at=LATER)
    actions.look_at(sample_id=sample.pk, found=False, words="证明人说不在场", by=supervisor,
                    at=LATER)  # fmt: skip
    Sample.objects.filter(quarter_id=quarter, found=None).update(
        found=True, by_id=supervisor, at=LATER
    )
    with pytest.raises(BadInput), transaction.atomic():
        actions.sign(quarter_id=quarter, by=supervisor, at=LATER)


def test_a_quarter_is_over_before_it_is_looked_at_and_its_keepers_do_it(county: County) -> None:
    life.in_force(county)
    village, supervisor = county.place("village").pk, county.holders["supervisor"].pk
    for first in (date(2027, 1, 1), date(2026, 11, 1)):
        with pytest.raises(BadInput), transaction.atomic():
            actions.begin_quarter(place_id=village, first_on=first, by=supervisor, at=LATER)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.begin_quarter(place_id=village, first_on=FIRST, at=LATER,
                              by=county.holders["grid_worker"].pk)  # fmt: skip
    quarter = begun(county)
    with pytest.raises(NotFound):
        quarterly.one(county.viewer(county.ah_mei), quarter)


def refused(name: str, sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        connection.cursor().execute(sql, params)
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_no_sql_makes_the_facts_of_a_quarter_false(county: County) -> None:
    lived(county)
    quarter, supervisor = begun(county), county.holders["supervisor"].pk
    sign = "update points_quarter set signed_by_id = %s, signed_at = now() where id = %s"
    refused("quarter_looked_at", sign, supervisor, quarter)
    refused("quarter_begins", "insert into points_quarter (place_id, place_path, first_on, totals,"
            " agrees, words, by_id, at) select place_id, place_path, '2026-09-02', totals, agrees,"
            " '', by_id, at from points_quarter")  # fmt: skip
    refused("sample_missing_why", "update points_sample set found = false, by_id = %s, at = now()",
            supervisor)  # fmt: skip
    looked_at(county, quarter)
    actions.sign(quarter_id=quarter, by=supervisor, at=LATER)
    refused("quarter_signed_by_two", "update points_quarter set second_id = %s, second_at = now()"
            " where id = %s", supervisor, quarter)  # fmt: skip
    refused("quarter_stays", "update points_quarter set totals = '{}' where id = %s", quarter)
    refused("quarter_stays", "update points_sample set words = 'x' where quarter_id = %s", quarter)
    refused("quarter_stays", "delete from points_quarter where id = %s", quarter)


def test_totals_take_five_statements_however_many_entries(
    county: County, django_assert_max_num_queries: object
) -> None:
    lived(county)
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        quarterly.totals(county.place("village").pk, FIRST)
