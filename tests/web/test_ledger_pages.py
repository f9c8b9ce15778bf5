"""The books on pages: reports and statements, a paper book brought in by two people."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongzhi.ledger import queries
from gongzhi.ledger.models import Account, Opening
from gongzhi.ledger.points.models import Holder
from ledger import points_life as life
from people import County

pytestmark = pytest.mark.django_db
HEAD = "对象,姓名,手机号,楼栋,房号,积分,账本,页码,行号,负责人\n"


def words(web: Client, address: str, status: int = 200) -> str:
    answer = web.get(address)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


@pytest.fixture
def village(county: County) -> County:
    life.in_force(county)
    return county


def upload(web: Client, village: County, body: str) -> str:
    """The page of the opening that came of it."""
    place = village.place("village").pk
    file = SimpleUploadedFile("积分簿.csv", body.encode("gb18030"))
    answer = web.post(f"/staff/ledger/places/{place}/openings", {"file": file, "key": "k"})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_paper_book_is_put_in_by_one_and_let_in_by_another(village: County, sign_in) -> None:
    clerk, secretary = sign_in("committee"), sign_in("party_secretary")
    place = village.place("village").pk
    assert "下载模板" in words(clerk, f"/staff/ledger/places/{place}/openings")
    assert clerk.get("/staff/ledger/openings/template").content[:2] == b"PK"
    bad = upload(clerk, village, HEAD + "个人,阿梅,,,,半,簿,1,1,\n")
    assert "不是整数" in words(clerk, bad)
    marked = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{bad}/file").content)).active
    assert marked is not None
    assert "不是整数" in str(marked.cell(2, marked.max_column).value)
    good = upload(clerk, village, HEAD + "个人,阿梅,,,,50,簿,1,1,\n")
    assert "要由另一个人来确认" in words(clerk, good)
    assert clerk.post(f"{good}/entry").status_code == 403
    assert not Holder.objects.exists()
    assert "确认入账1笔，共50分" in words(secretary, good)
    assert secretary.post(f"{good}/entry").status_code == 302
    assert "确认入账。" in words(clerk, good)
    holder = Holder.objects.get()
    assert queries.balance(holder.account) == 50
    again = secretary.post(f"{good}/undoing", {"why": ""})
    assert again.status_code == 422
    assert secretary.post(f"{good}/undoing", {"why": "抄错了一页"}).status_code == 302
    assert "抄错了一页" in words(clerk, good)
    assert queries.balance(holder.account) == 0


def test_a_file_that_is_no_table_stays_with_its_reason(village: County, sign_in) -> None:
    clerk, place = sign_in("committee"), village.place("village").pk
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4")
    answer = clerk.post(f"/staff/ledger/places/{place}/openings", {"file": file})
    assert answer.status_code == 422
    assert "Excel" in answer.content.decode()
    nothing = clerk.post(f"/staff/ledger/places/{place}/openings", {})
    assert nothing.status_code == 422
    assert not Opening.objects.exists()


def test_the_month_and_the_accounts_are_read_and_taken_away(village: County, sign_in) -> None:
    clerk = sign_in("committee")
    address = clerk.get("/staff/ledger")["Location"]
    page = words(clerk, address)
    assert "拨入预算" in page
    assert "10000" in page
    assert words(clerk, f"{address}?month=2020-01").count("这个月没有一笔账") == 1
    assert clerk.get(f"{address}?month=2020-13").status_code == 422
    csv = clerk.get(f"{address}/month/file?month=2026-11&form=csv").content.decode("utf-8-sig")
    assert "拨入预算,1,10000,0,0,10000" in csv
    book = openpyxl.load_workbook(
        io.BytesIO(clerk.get(f"{address}/month/file?month=2026-11").content)
    )
    assert book["账目"].cell(2, 3).value == 10000
    assert book["导出说明"].cell(1, 2).value == village.viewer("committee").name
    assert clerk.get(f"{address}/month/file?form=doc").status_code == 422


def test_an_account_of_the_community_is_read_a_residents_is_not(village: County, sign_in) -> None:
    clerk, me = sign_in("supervisor"), sign_in(village.ah_mei)
    upload(sign_in("committee"), village, HEAD + "个人,阿梅,,,,50,簿,1,1,\n")
    sign_in("party_secretary").post(f"/staff/ledger/openings/{Opening.objects.get().pk}/entry")
    budget = Account.objects.get(kind="budget")
    assert "代表会议决定" in words(clerk, f"/staff/ledger/accounts/{budget.pk}")
    file = clerk.get(f"/staff/ledger/accounts/{budget.pk}/statement/file?form=csv")
    assert "拨入预算" in file.content.decode()
    holder = Holder.objects.get()
    words(clerk, f"/staff/ledger/accounts/{holder.account}", 404)
    words(sign_in("grid_worker"), f"/staff/ledger/accounts/{budget.pk}", 404)
    own = words(me, f"/points/holders/{holder.pk}/statement")
    assert "纸质账本结转" in own
    assert "簿 第1页 第1行" in own
    taken = me.get(f"/points/holders/{holder.pk}/statement/file?form=csv").content.decode()
    assert "纸质账本结转,50,50" in taken
    words(sign_in(village.neighbour), f"/points/holders/{holder.pk}/statement", 404)


def test_a_page_of_the_books_takes_few_statements(
    village: County, sign_in, django_assert_max_num_queries
) -> None:
    clerk = sign_in("committee")
    address = clerk.get("/staff/ledger")["Location"]
    with django_assert_max_num_queries(16):
        clerk.get(address)
