"""What the law gives to an assembly is not carried out before a binding resolution."""

from datetime import timedelta
from typing import Any

import pytest

import people
from gongzhi.core.errors import BadInput, Refused
from gongzhi.matters import actions, positions
from gongzhi.matters.actions import Assignee
from gongzhi.matters.rules import Resolution
from gongzhi.matters.suggest import taxonomy
from gongzhi.playbooks import rules, statutory
from gongzhi.publications.models import Publication
from lives import FOR, Life, xindu, xuyi

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _resolution(**more: Any) -> Resolution:
    said: dict[str, Any] = {
        "id": 5, "session_number": "2026-3", "body_name": "双马村村民代表会议",
        "rule": "villager_rep_meeting", "edition": "2025", "binding": True, "verdict": "pass",
        "tally": {"members": 30, "present": 24, "for": 20, "against": 3, "abstain": 1},
    }  # fmt: skip
    return Resolution(**(said | more))


def _ballot(life: Life, **more: Any) -> actions.Moved:
    """A ballot closes by itself."""
    life.at += DAY
    return actions.move(
        matter_id=life.id, verb="resolve", by=None, at=life.at, resolution=_resolution(**more)
    )


def _marked(county: people.County, stop: str = "decide") -> Life:
    life = xuyi(county).to(stop)
    life.move("mark", county.holders["committee"], item="village_public_works")
    return life


def test_a_hand_count_alone_cannot_send_it_to_work(county: people.County) -> None:
    life = _marked(county)
    with pytest.raises(Refused) as told:
        life.move("resolve", county.holders["workshop_host"], tally=FOR)
    assert told.value.code == "needs_assembly"
    assert "《村民委员会组织法》第二十八条第一款第四项" in str(told.value.words)
    assert "村民代表会议" in str(told.value.todo)
    assert life.row.stage == "decide"


def test_a_resolution_of_the_assembly_sends_it_to_work_and_is_cited(
    county: people.County,
) -> None:
    life = _marked(county)
    moved = _ballot(life)
    assert (moved.result, moved.stage) == ("pass", "handle")
    assert life.row.resolution == "2026-3"
    kept = life.events[-1].data["resolution"]
    assert (kept["id"], kept["binding"], kept["rule"]) == (5, True, "villager_rep_meeting")
    page = Publication.objects.get(subject="matter", subject_id=life.id, replaced_at=None)
    (decided,) = [step for step in page.body["steps"] if step["stage"] == "decide"]
    assert decided["lines"][-1]["tally"] == {
        "electorate": 30, "present": 24, "for": 20, "against": 3, "abstain": 1,
    }  # fmt: skip
    life.to("end")
    assert positions.from_json(life.events[-1].position).resolution == "2026-3"


@pytest.mark.parametrize(
    "what",
    [
        {"binding": False, "rule": "house"},
        {"session_number": ""},
        {"rule": "collective_council"},
        {"rule": "villager_group_meeting"},
    ],
    ids=["a forum's opinion", "no session", "another body", "a group for the village"],
)
def test_it_is_recorded_but_does_not_decide(county: people.County, what: dict[str, Any]) -> None:
    life = _marked(county)
    moved = _ballot(life, **what)
    assert (moved.result, moved.stage) == ("stay", "decide")
    assert life.row.resolution == ""
    assert life.events[-1].data["resolution"]["rule"] == what.get("rule", "villager_rep_meeting")


def test_a_missed_quorum_decides_nothing_and_a_no_goes_back(county: people.County) -> None:
    life = _marked(county)
    assert _ballot(life, verdict="no_decision").result == "no_decision"
    assert life.row.stage == "decide"
    moved = _ballot(life, verdict="fail")
    assert (moved.result, moved.stage) == ("fail", "deliberate")


def test_a_resolution_taken_before_the_stage_that_waits_for_it_counts_later(
    county: people.County,
) -> None:
    life = _marked(county, "deliberate")
    assert _ballot(life).result == "stay"
    assert life.row.resolution == "2026-3"
    life.to("handle")
    assert life.row.statutory == "village_public_works"


def test_a_playbook_without_a_vote_is_held_as_well(county: people.County) -> None:
    life, desk = xindu(county).to("file"), county.foreign["committee"]
    life.move("mark", desk, item="urban_important")
    with pytest.raises(Refused, match="会议讨论决定"):
        life.move("accept", desk)
    for _ in range(4):  # the clock does not carry it into work either
        life.sweep()
    assert life.row.step == ""
    _ballot(life, rule="resident_rep_meeting")
    assert life.row.resolution == "2026-3"


def test_work_that_has_begun_stops_and_goes_back(county: people.County) -> None:
    life = xuyi(county).to("handling")
    life.move("mark", county.holders["committee"], item="village_planning")
    assert (life.row.stage, life.row.step) == ("decide", "")
    with pytest.raises(Refused):
        life.move("report_done", county.holders["grid_worker"])
    _ballot(life)
    life.move("dispatch", county.holders["committee"],
              assignees=(Assignee(county.holders["grid_worker"].pk),))  # fmt: skip
    assert life.stands() == "handling"


def test_a_mark_made_by_mistake_is_taken_away_with_a_reason(county: people.County) -> None:
    life, chen = _marked(county), county.holders["committee"]
    with pytest.raises(Refused, match="原因"):
        life.move("mark", chen, item="")
    life.move("mark", chen, item="", reason="只是换一只灯泡")
    assert life.row.statutory == ""
    assert life.events[-1].data["statutory_before"] == "village_public_works"
    life.to("handle")


def test_only_items_of_the_list_and_only_by_those_who_decide_there(
    county: people.County,
) -> None:
    life = xuyi(county).to("decide")
    with pytest.raises(Refused, match="没有这一项"):
        life.move("mark", county.holders["committee"], item="anything")
    with pytest.raises(Refused, match="不能"):
        life.move("mark", county.ah_mei, item="village_other")


def test_a_resolution_comes_only_with_a_resolve(county: people.County) -> None:
    life = xuyi(county).to("decide")
    with pytest.raises(BadInput):
        actions.move(matter_id=life.id, verb="accept", by=county.holders["committee"].pk,
                     at=life.at, resolution=_resolution())  # fmt: skip


def test_the_list_names_rules_and_categories_that_exist() -> None:
    for item in statutory.items().values():
        assert set(item.decided_by) <= set(rules.presets())
        assert all(rules.presets()[rule].binding for rule in item.decided_by)
        assert set(item.categories) <= set(taxonomy.categories())
        assert item.words
        assert item.citation.startswith("《")


def test_what_representatives_of_members_may_not_decide_is_kept_from_them() -> None:
    for code in ("collective_charter", "collective_members", "collective_land",
                 "collective_compensation", "collective_merger"):  # fmt: skip
        assert "collective_rep_assembly" not in statutory.items()[code].decided_by
    assert "collective_rep_assembly" in statutory.items()["collective_plans"].decided_by


def test_a_category_suggests_and_nothing_more(county: people.County) -> None:
    assert [i.code for i in statutory.suggested("land.compensation")] == ["collective_compensation"]
    life = xuyi(county, category="land.compensation")
    assert life.row.statutory == ""
    assert statutory.suggested("noise.works") == ()
