"""`gongzhi playbook migrate`: shown first, done when asked, undone within seven days."""

import pytest

import people
from gongzhi.cli import playbook_migrate
from gongzhi.cli.say import Trouble
from gongzhi.matters.models import Matter, Migration
from gongzhi.places.actions import keep_version
from gongzhi.playbooks import load
from gongzhi.playbooks.schema import Playbook
from lives import Life, xuyi

pytestmark = pytest.mark.django_db
VILLAGE = "320830101201"


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGZHI_LANG", "zh_CN.UTF-8")


def _newer(old: str = '"due":"30wd"', new: str = '"due":"20wd"') -> str:
    text = load.load(load.shipped() / "xuyi").to_json()
    assert old in text
    return keep_version(Playbook.from_json(text.replace(old, new))).digest


def _run(life: Life, *words: str) -> int:
    by = str(life.county.holders["committee"].pk)
    return playbook_migrate.run(playbook_migrate.parse([*words, "--by", by]))


def _version(life: Life) -> str:
    return Matter.objects.values_list("version_id", flat=True).get(pk=life.id)


def test_shown_then_done_then_undone(
    county: people.County, capsys: pytest.CaptureFixture[str]
) -> None:
    life = xuyi(county).to("handling")
    before, new, due = _version(life), _newer(), life.row.due_at
    words = [before[:12], new[:12], "--place", VILLAGE, "--reason", "村里商量改成二十天"]
    assert _run(life, *words) == 0
    assert "能换 1 件，不能换 0 件" in capsys.readouterr().out
    assert _version(life) == before
    assert _run(life, *words, "--apply") == 0
    assert (_version(life), life.row.due_at) == (new, due)
    number = Migration.objects.get().pk
    assert f"--undo {number}" in capsys.readouterr().out
    with pytest.raises(Trouble, match="没有编号"):
        playbook_migrate.run(playbook_migrate.parse(["--undo", str(number), "--by", "0"]))


def test_what_may_not_move_is_named_with_its_reason(
    county: people.County, capsys: pytest.CaptureFixture[str]
) -> None:
    life = xuyi(county).to("deliberate")
    new = _newer('"deliberate"', '"talk"')
    assert _run(life, _version(life), new, "--place", VILLAGE, "--reason", "改名", "--apply") == 0
    assert f"✗ {life.number}：新版本里没有“睦邻议事”这一步。" in capsys.readouterr().out


def test_an_unknown_version_lists_those_there_are(county: people.County) -> None:
    life = xuyi(county)
    with pytest.raises(Trouble, match=_version(life)[:12]):
        _run(life, "zzz", _version(life), "--place", VILLAGE)
