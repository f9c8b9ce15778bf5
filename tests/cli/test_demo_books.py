"""Points, mall, channels and log of the demonstration: cases 1 and 12 are computed, not typed."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from gongzhi.channels.models import Channel
from gongzhi.cli import verify
from gongzhi.cli.demo_data import books, cast, estates, pilots, world
from gongzhi.cli.demo_data.log import WITNESS
from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger import logged
from gongzhi.ledger import queries as ledger
from gongzhi.ledger.models import Transfer
from gongzhi.ledger.points import queries as points
from gongzhi.ledger.points.models import Claim, Holder, RuleBook, Service
from gongzhi.log import kept, keys, tiles
from gongzhi.log import queries as log
from gongzhi.log.verifier import gongzhi_verify as verifier
from gongzhi.mall import exchange
from gongzhi.mall import queries as mall
from gongzhi.mall.models import Financing, Mall, Message, Receivable
from gongzhi.matters.models import Matter
from gongzhi.people.cast import DUTIES
from gongzhi.people.models import Account, Person
from gongzhi.people.queries import viewer
from gongzhi.places import queries as places
from gongzhi.research import cases

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
AT = datetime(2026, 11, 23, 11, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def told(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[world.World]:  # fmt: skip
    """The county, its people and their books, loaded once for this file and taken away after it."""
    from django.conf import settings

    before, settings.DATA = settings.DATA, tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), transaction.atomic():
        places.forget()
        built = world.build(world.SMALL, AT, lambda *_: None)
        books.write(built, AT, lambda *_: None)
        yield built
        transaction.set_rollback(True)
    settings.DATA = before
    places.forget()


def figures(playbook: str) -> dict[str, cases.Figure]:
    return {figure.key: figure for figure in cases.of(playbook, AT).figures}


def log_as_shown() -> dict[str, Any]:
    """What the log's public files say: hashes, entries and the signed head."""
    rows = db.rows("select leaf from log_leaf order by index")
    raw = b"".join(log.read_tile(0, n // tiles.WIDTH) for n in range(0, len(rows), tiles.WIDTH))
    policy = verifier.parse_policy(log.policy_text())
    head, _ = verifier.open_checkpoint(log.checkpoint(), policy)
    return {
        "hashes": [raw[at : at + 32] for at in range(0, len(raw), 32)], "head": head,
        "entries": [bytes(row[0]) for row in rows],
    }  # fmt: skip


def test_the_demonstrations_own_witness_has_signed_and_says_whose_it_is(told: world.World) -> None:
    policy = verifier.parse_policy(log.policy_text())
    head, times = verifier.open_checkpoint(log.checkpoint(), policy)
    assert (head["size"], len(times)) == (log.size(), 1)
    transfer = db.rows("select max(id) from ledger_transfer")[0][0]
    receipt = log.receipt("ledger.transfer", f"transfer:{transfer}")
    assert list(verifier.check_receipt(receipt, policy)[1]) == [WITNESS]
    assert "同一台电脑" in WITNESS
    shown = figures("xinqiao")["log"]
    assert (shown.numbers["witnesses"], shown.numbers["here"]) == (1, 1)
    assert "在同一台电脑上的1个" in Client().get("/playbooks/xinqiao/figures").content.decode()


def test_the_whole_log_replays_without_a_finding(told: world.World) -> None:
    """Back-dating, caps, floors, double redemption: the stand-alone verifier finds nothing."""
    case = log_as_shown()
    assert len(case["entries"]) == case["head"]["size"] > 150
    assert verifier.audit(case) == []
    assert not db.rows("select 1 from log_pending")


def test_the_books_and_the_malls_add_up(told: world.World) -> None:
    assert list(ledger.audit()) == []
    assert list(logged.differing()) == []
    assert {m.name: mall.audit(m.pk) for m in Mall.objects.all()} == {
        "新桥社区商城": [], "马群积分兑换": [], "聚龙湖邻里商城": [],
    }  # fmt: skip


def test_case_1_two_pilots_with_1_0_from_paper_and_2_0_on_line(told: world.World) -> None:
    found = figures("maqun")
    assert {key for key, figure in found.items() if figure.agrees is False} == set()
    assert found["coverage"].numbers == {"n": 17, "with": 17}
    assert found["pilots"].numbers == {"n": 2}
    named = RuleBook.objects.filter(place__code__startswith=pilots.MAQUN[:9], state="published")
    assert set(named.values_list("place__code", flat=True)) == {pilots.ZHIJIA, pilots.NINGKANG}
    assert found["paper"].numbers == {
        "lines": sum(map(len, pilots.PAPER.values())),
        "points": sum(map(sum, pilots.PAPER.values())), "places": 2,
    }  # fmt: skip
    assert found["areas"].numbers == {"n": 6}
    assert found["kinds"].numbers["temporary"] > 0
    assert found["subjects"].agrees


def test_points_are_of_a_person_a_household_a_team_and_an_enterprise(told: world.World) -> None:
    entered = Claim.objects.filter(state="entered", holder__place__code=pilots.ZHIJIA)
    subjects = set(entered.values_list("holder__subject", flat=True))
    assert subjects == {"person", "household", "team", "organisation"}
    kinds = set(entered.values_list("item__kind", flat=True))
    assert kinds == {"regular", "temporary"}
    assert set(Claim.objects.values_list("state", flat=True)) >= {
        "claimed", "checked", "noticed", "entered", "refused",
    }  # fmt: skip


def test_each_rule_book_cites_the_resolution_that_passed_it(told: world.World) -> None:
    for book in RuleBook.objects.filter(state="published"):
        assert book.resolution
        assert book.text_hash
        assert log.entry("rule.version", f"rule:points-{book.place.code}@{book.version}")
    voted = RuleBook.objects.get(place__code=pilots.ZHIJIA)
    assert voted.motion_id is not None
    assert voted.present == 11


def test_hours_are_confirmed_by_another_and_are_no_points(told: world.World) -> None:
    done = Service.objects.filter(confirmed_at__isnull=False)
    assert done.count() >= 5
    minutes = Transfer.objects.filter(unit="hours", code="service")
    assert sum(t.amount for t in minutes) == sum(s.minutes for s in done)


def test_what_was_said_became_matters_and_their_end_was_told(told: world.World) -> None:
    found = figures("maqun")
    assert found["posts"].numbers["in_time"] < found["posts"].numbers["asked"]
    matters = found["matters"].numbers
    assert matters["told"] == matters["done"] >= 7
    assert matters["matters"] > matters["done"]
    rows = Matter.objects.filter(version__playbook="maqun")
    assert set(rows.values_list("outcome", flat=True)) == {"done", ""}
    kinds = set(Channel.objects.filter(place__code__startswith=pilots.MAQUN[:9])
                .values_list("kind", flat=True))  # fmt: skip
    assert kinds == {"building", "compound", "community", "topic"}


def test_the_seven_boards_are_filled(told: world.World) -> None:
    who = Account.objects.get(username="lan")
    web = Client()
    web.force_login(who)
    page = web.get(f"/community/{pilots.ZHIJIA}")
    assert page.status_code == 200
    assert page.content.decode().count('<section class="card"') == 7
    html = page.content.decode()
    for board in ("home", "looks", "safety", "calm", "party", "points", "ground"):
        part = html.split(f'<h2 id="{board}"')[1].split("</section>")[0]
        first = re.search(r'class="num">([^<]+)<', part)
        assert first is not None, board
        assert first[1] != "0", board


def test_case_12_clears_to_the_fen(told: world.World) -> None:
    """Points offset purchases; what the file asks, the receipt pays and the books redeem is one."""
    found = figures("xinqiao")
    clearing = found["clearing"].numbers
    assert clearing["asked_fen"] == clearing["paid_fen"] == clearing["redeemed_fen"] > 0
    asked = sum(line.amount_fen for file in Message.objects.filter(kind="payment")
                for line in exchange.read_payment(file.body))  # fmt: skip
    paid = sum(line.amount_fen for file in Message.objects.filter(kind="receipt")
               for line in exchange.read_receipt(file.body) if line.paid)  # fmt: skip
    shop = Mall.objects.get(place__code=estates.XINQIAO)
    assert asked == paid == shop.paid_fen == clearing["paid_fen"]
    assert found["cover"].agrees
    assert found["merchants"].numbers == {"n": 4, "public": 0}


def test_case_12_a_financed_claim_went_to_the_bank_first(told: world.World) -> None:
    deal = Financing.objects.get()
    assert (deal.state, deal.price_fen < deal.face_fen) == ("repaid", True)
    claim = Receivable.objects.get(pk=deal.receivable_id)
    assert claim.state == "redeemed"
    assert claim.holder_id == deal.financier.organisation_id
    assert set(Receivable.objects.values_list("state", flat=True)) == {"redeemed", "draft"}


def test_the_source_differs_from_the_list_of_2023_and_that_is_said(told: world.World) -> None:
    found = figures("xinqiao")
    assert found["villages"].agrees is True
    assert (found["communities"].given, found["communities"].numbers) == ("5个社区", {"n": 4})
    assert found["communities"].agrees is False


@pytest.mark.parametrize("name", ["maqun", "xinqiao"])
def test_the_figures_are_on_a_page_and_on_paper(told: world.World, name: str) -> None:
    page = Client().get(f"/playbooks/{name}/figures")
    assert page.status_code == 200
    html = page.content.decode()
    for figure in cases.of(name, AT).figures:
        assert figure.given in html
    assert "不同" in html if name == "xinqiao" else "相符" in html
    assert Client().get(f"/playbooks/{name}/figures.pdf").status_code == 200
    assert f"/playbooks/{name}/figures" in Client().get(f"/playbooks/{name}").content.decode()


def test_there_are_no_figures_for_a_way_without_them(told: world.World) -> None:
    assert Client().get("/playbooks/xuyi/figures").status_code == 404


def test_there_is_somebody_to_try_for_every_part(told: world.World) -> None:
    """A resident with points, who checks, sells, runs, pays, finances and watches; with words."""
    assert set(DUTIES) <= set(Account.objects.values_list("username", flat=True))
    assert cast.PASSWORD


def test_the_first_resident_has_points_a_channel_and_a_mall(told: world.World) -> None:
    amei = viewer(told.people["amei"], AT)
    own = points.own(amei)
    assert own[0]["balance"] > 0
    assert Holder.objects.filter(person_id=told.people["amei"]).exists()
    place = Person.objects.values_list("household__place__path", flat=True).get(
        pk=told.people["amei"]
    )
    here = mall.mall_at(str(place))
    assert here is not None
    assert mall.catalogue(here, AT)["rows"]
    assert Channel.objects.filter(kind="building", place__path=place).exists()


@pytest.mark.parametrize(("name", "title"), [("lan", "马群积分兑换"), ("xinqiao", "新桥社区商城")])
def test_a_resident_of_each_town_can_open_the_shelf(
    told: world.World, name: str, title: str
) -> None:
    """Also where points are only exchanged for gifts, and no rate in yuan was published."""
    web = Client()
    web.force_login(Account.objects.get(username=name))
    for path in ("/mall", "/points"):
        page = web.get(path)
        assert page.status_code == 200
        assert "card" in page.content.decode(), path
    assert title in web.get("/mall").content.decode()


def _edited(number: int) -> None:
    """As somebody with the owner's password could: the transfer and both balances, consistently."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in ("ledger_transfer", "ledger_account"):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(
            "update ledger_account a set balance = balance + case when a.id = t.credit_id then 50"
            " else -50 end from ledger_transfer t where t.id = %s and a.id in (t.debit_id,"
            " t.credit_id)", [number],
        )  # fmt: skip
        cursor.execute("update ledger_transfer set amount = amount + 50 where id = %s", [number])
        for table in ("ledger_transfer", "ledger_account"):
            cursor.execute(f"alter table {table} enable trigger user")
        cursor.execute("set constraints all deferred")


def test_an_edited_row_is_named(told: world.World, capsys: pytest.CaptureFixture[str]) -> None:
    """Even when its balances were made to agree: the log keeps what it was."""
    fund = Transfer.objects.filter(unit="cny", code="deposit").order_by("id")[0]
    assert verify.main([]) == 0
    _edited(fund.pk)
    assert list(logged.differing()) == [(f"transfer:{fund.pk}", "edited")]
    assert verify.main([]) == 1
    assert f"transfer:{fund.pk}: edited" in capsys.readouterr().out


def test_a_row_edited_together_with_its_entry_in_the_log_is_named(
    told: world.World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both tables agree then; the head that was signed does not agree with them."""
    fund = Transfer.objects.filter(unit="cny", code="deposit").order_by("id")[0]
    before = fund.amount
    with transaction.atomic():
        _edited(fund.pk)
        with connection.cursor() as cursor:
            cursor.execute("grant update on log_leaf to current_user")  # its owner may
            cursor.execute("alter table log_leaf disable trigger user")
            cursor.execute(
                "update log_leaf set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), %s, %s),"
                " 'UTF8') where subject = %s",
                [f"amount i {before}", f"amount i {before + 50}", f"transfer:{fund.pk}"],
            )
            cursor.execute("alter table log_leaf enable trigger user")
        assert list(logged.differing()) == []
        assert verify.main([]) == 1
        transaction.set_rollback(True)
    said = capsys.readouterr().out
    assert f"transfer:{fund.pk}: edited in the log" in said
    assert list(kept.differing()) == []


def test_a_log_rewritten_down_to_its_hashes_needs_the_key_to_be_believed(told: world.World) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("grant update on log_leaf, log_tile to current_user")
            cursor.execute("alter table log_leaf disable trigger user")
            cursor.execute("alter table log_tile disable trigger user")
            cursor.execute("update log_leaf set leaf = leaf || '\\x0a' where index = 3")
            leaf = db.rows("select leaf from log_leaf where index = 3")[0][0]
            row = log.read_tile(0, 0)
            made = keys.hashing().leaf(bytes(leaf))
            cursor.execute("update log_tile set hashes = %s where level = 0 and index = 0",
                           [row[:96] + made + row[128:]])  # fmt: skip
            cursor.execute("alter table log_leaf enable trigger user")
            cursor.execute("alter table log_tile enable trigger user")
        assert list(kept.differing()) == [(f"checkpoint {log.size()}", "signed for other entries")]
        transaction.set_rollback(True)


def test_an_edited_entry_of_the_log_is_named(told: world.World) -> None:
    """Whoever rewrites the log's own table too is found by anybody with the signed head."""
    case = log_as_shown()
    place = case["head"]["size"] // 2
    entry = case["entries"][place]
    case["entries"][place] = entry.replace(b"\nunit", b"\nUnit", 1)
    kinds = {(kind, index) for kind, index, _ in verifier.audit(case)}
    assert ("edit", place) in kinds
