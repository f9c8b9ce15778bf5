"""Pages of one record, with what the demonstration tells: for everybody's eyes and thumbs."""

import psycopg
import pytest

from browser import looking
from browser.conftest import Running, Visit

pytestmark = pytest.mark.browser

# The last of the demonstration's own, not one that a journey held a moment ago.
STOOLS = (
    "select max(s.id) from meetings_session s join bodies_body b on b.id = s.body_id"
    " where b.blueprint = 'small_stool' and s.closed_at < now() - interval '1 day'"
)
# Who looks, at which address, with the number that the statement finds.
OWN = {
    "home with cards": ("amei", "/", ""),
    "round": ("amei", "/rounds/{}", "select max(id) from rounds_round where state = 'open'"),
    "statements": ("amei", "/rounds/{}/statements",
                   "select max(id) from rounds_round where state = 'open'"),
    "result of a round": ("anguo", "/rounds/{}/result",
                          "select min(id) from rounds_round where state = 'closed'"),
    "budget": ("amei", "/budgets/{}", "select max(id) from budgets_budget where stage = 'vote'"),
    "vote on money": ("amei", "/budgets/{}/vote",
                      "select max(id) from budgets_budget where stage = 'vote'"),
    "money divided": ("lane", "/budgets/{}/result",
                      "select id from budgets_budget where stage = 'doing'"),
    "account": ("lane", "/budgets/ideas/{}", "select id from budgets_idea where funded = 1"),
    "vote": ("amei", "/votes/{}",
             "select max(id) from ballots_motion where state = 'open' and not secret"),
    "secret vote": ("lane", "/votes/{}",
                    "select max(id) from ballots_motion where state = 'open' and secret"),
    "counted": ("lane", "/votes/{}",
                "select max(id) from ballots_motion where state = 'closed' and secret"),
    "board of a vote": ("lane", "/votes/{}/board",
                        "select max(id) from ballots_motion where state = 'closed' and secret"),
    "questionnaire": ("amei", "/surveys/{}",
                      "select id from surveys_round where title = '聚龙湖社区服务问卷'"),
    "appraisal": ("laozhao", "/surveys/{}",
                  "select v.id from surveys_round v join surveys_instrument i"
                  " on i.id = v.instrument_id where i.kind = 'appraisal' and v.state = 'open'"),
    "appraisal counted": ("amei", "/surveys/{}/result",
                          "select v.id from surveys_round v join surveys_instrument i on"
                          " i.id = v.instrument_id where i.kind = 'appraisal'"
                          " and v.state = 'counted'"),
    "programme": ("lane", "/programmes/320206102201", ""),
    "station": ("lane", "/stations/{}", "select min(id) from programmes_station"),
    "session now": ("lane", "/meetings/{}",
                    "select min(id) from meetings_session where state = 'open'"),
    "session over": ("aiyuan", "/meetings/{}", STOOLS),
    "minutes": ("aiyuan", "/meetings/{}/minutes", STOOLS),
    "body": ("lane", "/bodies/{}", "select max(id) from bodies_body"
             " where blueprint = 'village_council'"),
    "rectification list": ("aiyuan", "/meetings/rectification", ""),
    "held against due": ("aiyuan", "/meetings/cadence", ""),
    "proposal": ("hanshang", "/proposals/{}",
                 "select number from proposals_proposal where title like '打通%'"),
}  # fmt: skip
DESK = {
    "round": ("he", "/staff/rounds/{}", OWN["round"][2]),
    "budget": ("luoshe", "/staff/budgets/{}", OWN["money divided"][2]),
    "vote": ("he", "/staff/votes/{}", OWN["vote"][2]),
    "questionnaire": ("he", "/staff/surveys/rounds/{}", OWN["questionnaire"][2]),
    "appraisal": ("sun", "/staff/surveys/rounds/{}", OWN["appraisal"][2]),
    "runner": ("luoshe", "/staff/meetings/{}/run", OWN["session now"][2]),
    "sign-in": ("luoshe", "/staff/meetings/{}/desk", OWN["session now"][2]),
    "agenda": ("luoshe", "/staff/meetings/{}", OWN["session now"][2]),
    "body": ("luoshe", "/staff/bodies/{}", OWN["body"][2]),
}


def address(running: Running, page: tuple[str, str, str]) -> str:
    _, where, sql = page
    if not sql:
        return where
    with psycopg.connect(running.database) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    assert row[0] is not None, f"the demonstration has none: {sql}"
    return where.format(row[0])


@pytest.mark.parametrize("name", OWN)
def test_one_record_is_for_everybody(visit: Visit, running: Running, name: str) -> None:
    looking.suits_everybody(visit(OWN[name][0]), address(running, OWN[name]))


@pytest.mark.parametrize("name", DESK)
def test_one_record_at_the_desk_is_for_everybody(visit: Visit, running: Running, name: str) -> None:
    page = visit(DESK[name][0], width=1366, height=768)
    looking.suits_the_desk(page, address(running, DESK[name]))
