"""The declared roles agree with the rules, and the page in the documentation with the roles."""

from pathlib import Path

import pytest

from gongzhi.people import rolebook, rules
from gongzhi.people.roles import ROLES, Permission, Personal, matter_permissions

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"


def test_the_page_of_roles_is_current() -> None:
    again = "python -m gongzhi.people.rolebook > docs/reference/roles.md"
    assert PAGE.read_text(encoding="utf-8") == rolebook.markdown(), again


def test_nobody_both_handles_and_verifies() -> None:
    both = [
        code for code, role in ROLES.items()
        if {Permission.HANDLE, Permission.VERIFY} <= role.matter
    ]  # fmt: skip
    assert both == []


def test_who_dispatches_never_verifies() -> None:
    assert Permission.VERIFY not in ROLES["dispatcher"].matter
    assert not {Permission.HANDLE, Permission.DECIDE} & ROLES["verifier"].matter


@pytest.mark.parametrize("code", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_see_no_matter_and_no_person(code: str) -> None:
    assert ROLES[code].matter == frozenset()
    assert ROLES[code].personal in (Personal.NONE, Personal.LOGS)


def test_whoever_is_outside_government_sees_no_identities() -> None:
    for code in ("observer", "funder", "merchant", "volunteer"):
        assert ROLES[code].personal in (Personal.NONE, Personal.OWN)
        assert Permission.READ not in ROLES[code].matter


def test_every_barred_pair_names_declared_roles_and_its_law() -> None:
    for rule in rules.BARRED:
        assert {rule.one, rule.other} <= set(ROLES)
        assert rule.law


def test_permissions_of_several_roles_add_up() -> None:
    held = matter_permissions(frozenset({"verifier", "volunteer", "gone"}))
    assert held == ROLES["verifier"].matter | ROLES["volunteer"].matter


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"), ("phone", "0515-1", "***"),
        ("id_number", "320999199001010021", "3209**********0021"), ("care", "独居", "***"),
        ("born_on", "1990-01-01", "1990年"), ("phone", None, ""),
    ],
)  # fmt: skip
def test_masks_cover_the_middle(field: str, value: object, shown: str) -> None:
    assert rules.mask(field, value) == shown
