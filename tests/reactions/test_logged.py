"""Votes and closed matters enter the log, once each, and name nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

import lives
import voters
from gongzhi import reactions
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.log import actions, jobs, leaves, queries
from gongzhi.log.models import Leaf
from people import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keys(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def settle(at: object) -> None:
    """Reactions twice over, as after a crash between doing and marking, then the sequencer."""
    for _ in range(2):
        while reactions.run(at=at):  # type: ignore[arg-type]
            pass
        Outbox.objects.update(done_at=None)
    while reactions.run(at=at):  # type: ignore[arg-type]
        pass
    assert not Outbox.objects.exclude(problem="").exists()
    jobs.sequence(at=at)  # type: ignore[arg-type]


def entries(kind: str) -> list[leaves.Leaf]:
    return [leaves.decode(bytes(leaf.leaf)) for leaf in Leaf.objects.filter(kind=kind)]


def test_the_board_of_a_closed_vote_enters_the_log_with_its_root(county: County) -> None:
    poll = voters.poll(county).open()
    poll.votes(**{"for": 7})
    poll.close()
    settle(poll.at)
    [entry] = entries("ballot.board")
    assert entry.subject == f"motion:{poll.id}"
    assert entry.fields["root"] == bytes.fromhex(Motion.objects.get(pk=poll.id).root)


def test_a_closed_matter_enters_the_log_as_a_commitment(county: County) -> None:
    life = lives.xuyi(county).to("end")
    settle(life.at + timedelta(days=1))
    [entry] = entries("matter.closed")
    assert entry.subject.startswith(f"matter:{life.id}:")
    assert life.number not in queries.entry("matter.closed", entry.subject).decode()
    assert actions.forget(f"matter:{life.id}")
    settle(life.at + timedelta(days=2))  # forgotten, and looked at again: no second entry
    assert len(entries("matter.closed")) == 1
