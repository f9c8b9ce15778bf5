"""`gongzhi log forget`: what tells whose an entry is goes for ever, every proof still holds."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gongzhi.cli import prepare
from gongzhi.core import db
from gongzhi.log import actions, jobs, queries
from gongzhi.log.verifier import gongzhi_verify
from installations import address_of_tests
from people import NOW

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = Path(__file__).parents[2]
verifier: Any = gongzhi_verify


def gongzhi(data: Path, *words: str) -> tuple[int, str]:
    """The command as an administrator types it; its code and what it said."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "GONGZHI_"))}
    prepare.write_stamp(address_of_tests(), migrations=prepare.migrations_digest())
    done = subprocess.run(
        [sys.executable, "-m", "gongzhi.cli", "log", *words, "--data", str(data)], text=True,
        capture_output=True, timeout=120, check=False,
        env={**kept, "PYTHONPATH": str(HOUSE / "src"), "GONGZHI_LANG": "en",
             "DATABASE_URL": address_of_tests()},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def proof() -> tuple[str, str]:
    """The receipt of an entry that names two accounts, and the log's policy."""
    people = {name: actions.pseudonym(f"account:{name}") for name in ("7", "8")}
    actions.append(
        kind="a.b", subject="1", fields={"giver": people["7"], "taker": people["8"]}, at=NOW
    )
    jobs.sequence(at=NOW)
    return receipt(), queries.policy_text()


def receipt() -> str:
    """With everything that may still be opened."""
    return queries.receipt("a.b", "1", opened=[("giver", "account:7"), ("taker", "account:8")])


def opened(proof: str, policy: str) -> dict[str, str]:
    """Whom the stand-alone verifier finds named in a receipt that stands."""
    found: dict[str, str] = verifier.check_receipt(proof, verifier.parse_policy(policy))[4]
    return found


def test_one_person_is_forgotten_and_the_proofs_stand(
    proof: tuple[str, str], tmp_path: Path
) -> None:
    held, policy = proof
    assert opened(held, policy) == {"giver": "account:7", "taker": "account:8"}
    before = db.rows("select index, leaf from log_leaf"), queries.checkpoint()
    code, said = gongzhi(tmp_path, "forget", "account:7", "--for-ever")
    assert code == 0, said
    assert "what opened account:7 is gone; every proof still holds" in said
    assert opened(receipt(), policy) == {"taker": "account:8"}
    assert opened(held, policy) == {
        "giver": "account:7",
        "taker": "account:8",
    }
    assert (db.rows("select index, leaf from log_leaf"), queries.checkpoint()) == before


def test_what_was_forgotten_is_not_there_a_second_time(
    proof: tuple[str, str], tmp_path: Path
) -> None:
    assert gongzhi(tmp_path, "forget", "account:7", "--for-ever")[0] == 0
    for nobody in ("account:7", "account:99"):
        code, said = gongzhi(tmp_path, "forget", nobody, "--for-ever")
        assert code == 1
        assert f"there is nothing that opens {nobody}" in said
        assert "Traceback" not in said


def test_nothing_is_forgotten_by_a_slip(proof: tuple[str, str], tmp_path: Path) -> None:
    held, policy = proof
    code, said = gongzhi(tmp_path, "forget", "account:7")
    assert code == 2
    assert "--for-ever" in said
    assert opened(receipt(), policy) == opened(held, policy)
