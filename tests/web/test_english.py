"""English is complete, and says the same as the Chinese with the same things filled in."""

import re

import pytest
from django.test import Client
from django.utils import translation

from gongzhi.cli import words
from gongzhi.core.spoken import spoken
from gongzhi.matters import actions
from gongzhi.people.roles import ROLES
from people import County
from web import six_steps
from web.conftest import SignIn

HOLES = re.compile(r"%\(\w+\)0?\d*[sd]|%[sd]|%%|\{\w+\}")
CHINESE = re.compile(r"[\u3400-\u9fff]+")


def test_every_sentence_of_the_source_has_english() -> None:
    missing = words.untranslated(words.updated())
    assert missing == [], "run `gongzhi words --list`, then add them to locale/en"


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    stored = {m.id if isinstance(m.id, str) else m.id[0]: m for m in words.stored() if m.id}
    with translation.override("en"):
        for key, message in stored.items():
            if isinstance(message.id, str) and "\n" not in key:
                assert translation.gettext(key) == (message.string or key), "run `gongzhi words`"


def holes(sentence: str) -> set[str]:
    # Two digits for a month are a matter of the language; what is filled in is not.
    return set(HOLES.findall(sentence.replace(")02d", ")d")))


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    for message in words.stored():
        if not message.id:
            continue
        one = message.id if isinstance(message.id, str) else message.id[0]
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        for english in filter(None, said):
            assert holes(one) == holes(english), one


def test_a_refusal_with_something_filled_in_is_said_in_english_too() -> None:
    with translation.override("en"):
        assert spoken("没有代码为“123”的地方。") == "There is no place with the code “123”."
        assert spoken("您没有办这件事的权限。") == "You have no right to do this."
        assert spoken("不是我们的句子。") == "不是我们的句子。"
    with translation.override("zh-hans"):
        assert spoken("没有代码为“123”的地方。") == "没有代码为“123”的地方。"


def test_no_role_is_left_in_chinese() -> None:
    with translation.override("en"):
        for role in ROLES.values():
            for said in (role.name, role.description, role.never):
                assert not CHINESE.search(translation.gettext(said)) if said else True


OWN = ("/", "/report", "/mine", "/me", "/board", "/help", "/help/paper", "/choose",
       "/sign-in/password", "/playbooks", "/playbooks/xuyi", "/playbooks/xindu",
       "/county/320830000000", "/county/320830000000/levels")  # fmt: skip
DESK = ("", "matters", "intake", "places", "people", "imports", "playbooks", "calendar", "county",
        "permissions", "objections")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("page", OWN)
def test_a_page_in_english_is_english_but_for_names(
    county: County, sign_in: SignIn, lamp: actions.Raised, page: str
) -> None:
    assert left_in_chinese(sign_in(county.ah_mei), page, county) == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", DESK)
def test_the_desk_in_english_is_english_but_for_names(
    county: County, sign_in: SignIn, lamp: actions.Raised, page: str
) -> None:
    assert left_in_chinese(sign_in("committee"), f"/staff/{page}", county) == []


@pytest.mark.django_db
def test_a_matter_in_english_is_english_but_for_what_people_said(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    six_steps.until_published(county, lamp)
    number = lamp.number
    said = ("都说该换灯", "换了六盏灯", "亮了", "严", "灯不亮", "路灯")
    assert left_in_chinese(sign_in(county.ah_mei), f"/matters/{number}", county, *said) == []
    assert left_in_chinese(sign_in("committee"), f"/staff/matters/{number}", county, *said) == []


def left_in_chinese(client: Client, page: str, county: County, *said: str) -> list[str]:
    """Chinese on the page that is nobody's name and no one's words."""
    client.cookies["lang"] = "en"
    answer = client.get(page)
    assert answer.status_code == 200
    shown = re.sub(r"<[^>]+>", " ", answer.content.decode())
    names = {place.name for place in county.by_code.values()}
    names |= {person.name for person in (*county.holders.values(), county.ah_mei, county.brother)}
    names |= {"双马", "中文", "1单元 101", county.water.name, *said}
    names |= {"村口路灯不亮，晚上走路看不见。", "村口路灯不亮，晚上走路看不见"}
    for name in sorted(names, key=len, reverse=True):
        shown = shown.replace(name, "")
    return CHINESE.findall(shown)
