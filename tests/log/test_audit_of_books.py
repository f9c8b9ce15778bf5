"""What the ledger really writes, eight clients at once and plugs pulled, is audited as honest."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gongzhi.core import db
from gongzhi.log import jobs, mirror
from ledger.test_ledger_storm import accounts, dsn
from ledger_storm import Storm
from log.test_verifier import verify

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def at_home(folder: Path) -> dict[str, Any]:
    """The log as an auditor unpacks it."""
    for name, content in mirror.files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    policy = verify.parse_policy((folder / "policy").read_text("utf-8"))
    head, _ = verify.open_checkpoint((folder / "checkpoint").read_text("utf-8"), policy)
    return {
        "head": head, "hashes": verify.fetch_hashes(str(folder), head["size"]),
        "entries": verify.fetch_entries(str(folder), head["size"]), "now": 0,
    }  # fmt: skip


def test_the_log_of_a_storm_is_audited_without_an_alarm(tmp_path: Path) -> None:
    """Entries stand in an order in which no account was ever below its floor."""
    told = Storm(dsn(), tmp_path, accounts(), seed=7).blow(5)
    while jobs.sequence(at=datetime.now(UTC), batch=97):
        pass
    case = at_home(tmp_path / "home")
    transfers = db.rows("select count(*) from ledger_transfer")[0][0]
    assert len(told.entered) > 50
    assert case["head"]["size"] >= transfers
    assert verify.audit(case) == []
