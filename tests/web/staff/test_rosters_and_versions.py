"""Rosters through the desk, running matters moved to another version, objections answered."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.matters import actions
from gongzhi.matters.models import Matter
from gongzhi.people.models import Person
from gongzhi.places import actions as places
from gongzhi.playbooks.schema import Playbook
from gongzhi.publications.models import Objection, Publication
from people import NOW, County, shipped
from web.conftest import SignIn
from web.six_steps import until_published

pytestmark = pytest.mark.django_db

HEAD = "姓名,楼栋,房号,证件号码,手机号\n"


def csv(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("名册.csv", (HEAD + "\n".join(rows)).encode(), "text/csv")


def test_a_roster_is_checked_imported_and_undone(county: County, sign_in: SignIn) -> None:
    clerk, village = sign_in("committee"), county.place("village")
    answer = clerk.post(
        "/staff/imports/files",
        {"u-place": village.pk,
         "u-file": csv("祁新民,双马一组 1 号楼,301,,13911112222", "祁某,没有的楼,1,,")},
    )  # fmt: skip
    batch = answer["Location"]
    html = clerk.get(batch).content.decode()
    assert "有1行有问题，还没有导入" in html
    assert not Person.objects.filter(name="祁新民").exists()
    refused = clerk.post(f"{batch}/import")
    assert refused.status_code == 409
    assert "还有 1 行有问题" in refused.content.decode()
    assert clerk.get(f"{batch}/problems")["Content-Type"].endswith("sheet")
    clerk.post(f"{batch}/import", {"skip_wrong": "1"})
    assert Person.objects.filter(name="祁新民").exists()
    clerk.post(f"{batch}/undo")
    assert not Person.objects.filter(name="祁新民").exists()


def test_a_file_that_is_no_roster_is_told(county: County, sign_in: SignIn) -> None:
    clerk, village = sign_in("committee"), county.place("village")
    for name, content in (("a.pdf", b"%PDF"), ("a.csv", b""), ("a.xlsx", b"no zip")):
        typed = {"u-place": village.pk, "u-file": SimpleUploadedFile(name, content)}
        answer = clerk.post("/staff/imports/files", typed, follow=True)
        assert answer.status_code in (200, 422)
        words = answer.content.decode()
        assert "有1处需要改" in words or "有1行有问题" in words, name


def test_the_roster_of_another_village_is_not_ours(county: County, sign_in: SignIn) -> None:
    abroad = county.place("community")
    typed = {"u-place": abroad.pk, "u-file": csv("祁新民,1,1,,")}
    assert sign_in("committee").post("/staff/imports/files", typed).status_code == 422


def test_an_export_says_what_for_and_covers_numbers(county: County, sign_in: SignIn) -> None:
    clerk, village = sign_in("committee"), county.place("village")
    assert clerk.post("/staff/imports/export", {"e-place": village.pk}).status_code == 422
    answer = clerk.post(
        "/staff/imports/export", {"e-place": village.pk, "e-purpose": "核对选民名单"}
    )
    assert answer["Content-Type"].endswith("sheet")
    assert b"13900000001" not in answer.content


def test_running_matters_go_over_to_a_version_after_a_dry_run_and_back(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    old, town = shipped("xuyi"), county.place("town")
    new = Playbook.from_data({**old.model_dump(mode="json", exclude_defaults=True), "version": 2})
    places.adopt(place_id=town.pk, playbook=new, from_on=NOW.date(), by=None, at=NOW, reason="试")
    clerk = sign_in("town_officer")
    typed = {"m-place": town.pk, "m-old": old.digest, "m-new": new.digest, "m-reason": "新规程"}
    address = "/staff/playbooks/xuyi/migrations"
    tried = clerk.post(address, typed).content.decode()
    assert "1件可以换，0件不能换。还没有动" in tried
    assert Matter.objects.get(pk=lamp.id).version_id == old.digest
    done = clerk.post(address, typed | {"do": "apply"}, follow=True).content.decode()
    assert Matter.objects.get(pk=lamp.id).version_id == new.digest
    undo = done.split('action="/staff/playbooks/xuyi/migrations/')[1].split('"')[0]
    clerk.post(f"/staff/playbooks/xuyi/migrations/{undo}")
    assert Matter.objects.get(pk=lamp.id).version_id == old.digest
    difference = clerk.get(
        f"/staff/playbooks/xuyi/difference?old={old.digest}&new={new.digest}"
    ).content.decode()  # fmt: skip
    assert "version：从 1 改为 2" in difference


def test_an_objection_is_answered_in_writing(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    until_published(county, lamp)
    item = Publication.objects.filter(subject_id=lamp.id, replaced_at=None).get()
    objection = Objection.objects.create(
        publication=item, by=county.neighbour, text="花费不对", at=NOW + timedelta(days=5)
    )
    clerk = sign_in("committee")
    address = f"/staff/objections/{objection.pk}"
    assert "花费不对" in clerk.get(address).content.decode()
    assert clerk.post(address, {"upheld": "no", "answer": ""}).status_code == 422
    assert clerk.post(address, {"upheld": "no", "answer": "发票已核对，无误。"}).status_code == 302
    objection.refresh_from_db()
    assert objection.upheld is False
