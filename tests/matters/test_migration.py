"""Running matters move to another version of their playbook, and back within seven days."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import people
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.matters import actions, queries
from gongzhi.matters.actions.migration import Outcome
from gongzhi.matters.models import Matter
from gongzhi.places.actions import adopt
from gongzhi.playbooks import load
from gongzhi.playbooks.schema import Playbook
from lives import DAY, Life, xindu, xuyi

pytestmark = pytest.mark.django_db

PAUSES = 'pause_on = ["waiting_villager", "waiting_superior", "force_majeure"]'


@pytest.fixture
def second(county: people.County, tmp_path: Path) -> Playbook:
    """Xuyi's next version: ten days less for handling, and one reason less to pause."""
    folder = tmp_path / "xuyi"
    shutil.copytree(load.shipped() / "xuyi", folder)
    file = folder / "playbook.toml"
    text = file.read_text().replace("version = 1\n", "version = 2\n", 1)
    text = text.replace('due = "30wd"', 'due = "20wd"').replace(
        PAUSES, 'pause_on = ["waiting_superior", "force_majeure"]'
    )
    file.write_text(text)
    playbook = load.load(folder)
    adopt(place_id=county.place("county").pk, playbook=playbook, from_on=people.NOW.date() + DAY,
          by=None, at=people.NOW)  # fmt: skip
    return playbook


def migrate(county: people.County, second: Playbook, **more: Any) -> Outcome:
    wanted: dict[str, Any] = {
        "place_id": county.place("village").pk, "old": people.shipped("xuyi").digest,
        "new": second.digest, "by": county.holders["committee"].pk, "at": people.NOW + 9 * DAY,
        "reason": "办理期限改短", "dry_run": False,
    }  # fmt: skip
    return actions.migrate(**(wanted | more))


def lives_of(county: people.County) -> tuple[Life, Life, Life, Life]:
    """One in handling, one paused for a reason that goes, one ended, one of another village."""
    handling, paused, ended = xuyi(county).to("handling"), xuyi(county).to("handling"), xuyi(county)
    paused.move("pause", county.holders["committee"], reason="waiting_villager")
    ended.move("recall", county.ah_mei)
    return handling, paused, ended, xuyi(county, place_id=county.place("sibling_village").pk)


def test_the_dry_run_says_what_the_run_does_and_writes_nothing(
    county: people.County, second: Playbook
) -> None:
    handling, paused, *_ = lives_of(county)
    before = list(Matter.objects.order_by("id").values())
    dry = migrate(county, second, dry_run=True, reason="")
    assert list(Matter.objects.order_by("id").values()) == before
    run = migrate(county, second)
    assert (dry.moved, dry.refused) == (run.moved, run.refused)
    assert run.moved == [handling.number]
    assert list(run.refused) == [paused.number]
    assert "暂停" in run.refused[paused.number]


def test_moved_it_keeps_its_deadline_and_tells_of_it(
    county: people.County, second: Playbook
) -> None:
    handling, paused, ended, other = lives_of(county)
    before = handling.row
    migrate(county, second)
    after = handling.row
    assert after.version_id == second.digest
    assert (after.due_at, after.clock_from, after.stage) == (
        before.due_at, before.clock_from, before.stage
    )  # fmt: skip
    assert after.tick_at == before.tick_at
    event = handling.events[-1]
    assert (event.verb, event.result, event.reason) == ("comment", "migrated", "办理期限改短")
    assert event.seq == after.last_seq
    assert Outbox.objects.filter(subject_id=handling.id, kind="matter.comment").exists()
    for life in (paused, ended, other):
        assert life.row.version_id == people.shipped("xuyi").digest
    handling.at = people.NOW + 10 * DAY
    handling.to("end")
    shown = queries.get(county.viewer("committee"), handling.number, handling.at)
    assert shown["playbook_version"] == 2


def test_undone_within_seven_days(county: people.County, second: Playbook) -> None:
    handling, *_ = lives_of(county)
    run = migrate(county, second)
    assert run.id is not None
    chen = county.holders["committee"].pk
    done = people.NOW + 9 * DAY
    with pytest.raises(Refused):
        actions.undo_migration(migration_id=run.id, by=chen, at=done + timedelta(days=7, hours=1))
    back = actions.undo_migration(migration_id=run.id, by=chen, at=done + 7 * DAY)
    assert back.moved == [handling.number]
    assert handling.row.version_id == people.shipped("xuyi").digest
    with pytest.raises(Refused):
        actions.undo_migration(migration_id=run.id, by=chen, at=done)
    with pytest.raises(NotFound):
        actions.undo_migration(migration_id=10**9, by=chen, at=done)


def test_what_ended_meanwhile_stays_when_it_is_undone(
    county: people.County, second: Playbook
) -> None:
    handling, *_ = lives_of(county)
    run = migrate(county, second)
    assert run.id is not None
    handling.at = people.NOW + 10 * DAY
    handling.to("end")
    back = actions.undo_migration(
        migration_id=run.id, by=county.holders["committee"].pk, at=people.NOW + 11 * DAY
    )
    assert back.moved == []


def test_it_needs_a_reason_another_version_and_the_right_person(
    county: people.County, second: Playbook
) -> None:
    xuyi(county)
    with pytest.raises(BadInput):
        migrate(county, second, reason=" ")
    with pytest.raises(BadInput):
        migrate(county, second, new=people.shipped("xuyi").digest)
    for who in (county.ah_mei, county.holders["grid_worker"], county.foreign["town_officer"]):
        for dry in (True, False):
            with pytest.raises(NotAllowed):
                migrate(county, second, by=who.pk, dry_run=dry)


def test_what_runs_under_another_playbook_is_left_alone(
    county: people.County, second: Playbook
) -> None:
    far = xindu(county)
    assert migrate(county, second).moved == []
    assert far.row.version_id == people.shipped("xindu").digest


def test_new_matters_begin_on_the_version_of_their_day(
    county: people.County, second: Playbook
) -> None:
    assert xuyi(county).row.version_id == people.shipped("xuyi").digest
    assert xuyi(county, at=people.NOW + 2 * DAY).row.version_id == second.digest
