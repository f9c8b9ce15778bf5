"""The first page says what is wanted of me now, once each with a number, and nothing else."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import budget_life
import people
from assemblies import meeting
from gongzhi.deliberation.budgets import actions as budgets
from gongzhi.deliberation.rounds import actions as rounds
from gongzhi.people import queries
from gongzhi.people.models import Account, Person
from lives import statements
from voters import HOUR, poll

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: people.NOW + HOUR)


def of(person: Person) -> Client:
    client = Client()
    name = {"username": f"w{person.pk}"}
    client.force_login(Account.objects.get_or_create(person=person, defaults=name)[0])
    return client


def first_page(client: Client) -> str:
    return str(client.get("/").content.decode())


def test_nobody_is_told_anything_when_nothing_is_wanted(county: people.County) -> None:
    assert "等您参加" not in first_page(of(county.ah_mei))
    assert "等您参加" not in first_page(Client())


def test_votes_are_one_card_with_a_number_until_they_are_cast(county: people.County) -> None:
    one = poll(county, voters=[county.ah_mei]).open()
    page = first_page(of(county.ah_mei))
    assert "有1个表决等您投票" in page
    assert f'href="/votes/{one.id}"' in page
    two = poll(county, voters=[county.ah_mei], title="村口再装一盏路灯").open()
    page = first_page(of(county.ah_mei))
    assert "有2个表决等您投票" in page
    assert 'href="/votes"' in page
    one.vote(0)
    two.vote(0)
    assert "等您参加" not in first_page(of(county.ah_mei))
    assert "等您投票" not in first_page(of(county.neighbour))


def test_a_session_invites_those_who_belong_and_asks_them_to_sign_in(
    county: people.County,
) -> None:
    made = meeting(county)
    assert "请您参加" not in first_page(of(county.ah_mei))  # a draft invites nobody
    made.notice()
    assert "有1个会请您参加" in first_page(of(county.ah_mei))
    assert "请您参加" not in first_page(of(county.he))
    made.begins().opens()
    assert "您还没有签到" in first_page(of(county.ah_mei))
    made.comes(county.ah_mei)
    assert "等您参加" not in first_page(of(county.ah_mei))


def test_a_round_asks_those_it_is_for_while_something_is_unsaid(county: people.County) -> None:
    host = county.holders["workshop_host"]
    rounds.open_round(
        place_id=county.place("village").pk, question="村口的空地怎么用？", seeds="建一个小花园。",
        closes_at=people.NOW + timedelta(days=7), at=people.NOW,
        viewer=queries.viewer(host.pk, people.NOW),
    )  # fmt: skip
    assert "有1个话题想听您的意见" in first_page(of(county.ah_mei))
    assert "想听您的意见" not in first_page(of(county.he))


def test_money_asks_each_household_once_while_the_vote_runs(
    county: people.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, ideas = budget_life.opened(county)
    assert "笔社区的钱" not in first_page(of(county.ah_mei))  # not before the first day
    monkeypatch.setattr("django.utils.timezone.now", lambda: budget_life.VOTING)
    page = first_page(of(county.ah_mei))
    assert "有1笔社区的钱等您投票" in page
    assert f'href="/budgets/{made}/vote"' in page
    assert "笔社区的钱" not in first_page(of(county.he))
    budgets.vote(budget_id=made, projects=ideas[:1], by=county.ah_mei.pk, at=budget_life.VOTING)
    assert "笔社区的钱" not in first_page(of(county.ah_mei))


def test_the_page_costs_one_statement_more_and_stays_small(county: people.County) -> None:
    poll(county, voters=[county.ah_mei]).open()
    meeting(county).notice()
    client = of(county.ah_mei)
    first_page(client)
    asked: list[Any] = statements(lambda: first_page(client))
    assert len(asked) <= 11, "\n".join(str(one) for one in asked)
    assert len(gzip.compress(client.get("/").content)) <= 50_000
