"""The page of roles, made by `python -m gongzhi.people.rolebook > docs/reference/roles.md`."""

import sys
from collections.abc import Iterator

from gongzhi.people.roles import (
    PERMISSION_WORDS,
    PERSONAL_WORDS,
    ROLES,
    SCOPES,
    Permission,
    Role,
)
from gongzhi.people.rules import BARRED

_HEAD = """# 岗位与权限 (roles and permissions)

本页由 `src/gongzhi/people/roles.py` 生成，请勿手改。岗位只有连同**地方**和**任期**（任命）才有效；
办具体的事时，还要看是不是当事人或承办人。每次查看敏感信息都写入查阅记录。

This page is made from `src/gongzhi/people/roles.py`. A role counts only with a place and a term
(an appointment), and for single matters with the matter. Letters: {letters}.
"""


def markdown() -> str:
    """The whole page."""
    letters = "，".join(f"`{p.value}` {PERMISSION_WORDS[p]}" for p in Permission)
    return "\n".join([_HEAD.format(letters=letters), *_table(), "", *_barred(), "", *_scopes(), ""])


def _table() -> Iterator[str]:
    yield "| 岗位 | 代码 | 事项 | 公示 | 地方 | 人员 | 敏感信息 | 绝不能 |"
    yield "|---|---|---|---|---|---|---|---|"
    for role in ROLES.values():
        sets = (role.matter, role.publication, role.places, role.people)
        cells = [_letters(held) for held in sets]
        yield (
            f"| {role.name}{_mark(role)} | `{role.code}` | {' | '.join(cells)} |"
            f" {PERSONAL_WORDS[role.personal]} | {role.never} |"
        )
    yield ""
    yield "¹ 不用任命：住在这里就是。其余岗位都要任命。"
    yield ""
    for role in ROLES.values():
        yield f"- **{role.name}**：{role.description}"


def _letters(held: frozenset[Permission]) -> str:
    return "".join(p.value for p in Permission if p in held) or "–"


def _mark(role: Role) -> str:
    return "" if role.appointed else " ¹"


def _barred() -> Iterator[str]:
    yield "## 不能由一个人同时担任 (barred pairs)"
    yield ""
    for rule in BARRED:
        where = "在同一个地方" if rule.where == "same place" else "不论在哪里"
        pair = f"{ROLES[rule.one].name} 与 {ROLES[rule.other].name}"
        yield f"- {pair}（{where}）。依据：{rule.law}。"
    yield "- 两委成员的近亲属不得担任同一个地方的监督委员会成员。"
    yield ""
    yield "数据库也拒绝这样的任命（触发器 `appointment_conflict`）。"


def _scopes() -> Iterator[str]:
    yield "## 接口令牌的范围 (scopes of API tokens)"
    yield ""
    for scope, words in SCOPES.items():
        yield f"- `{scope}` {words}"


if __name__ == "__main__":
    sys.stdout.write(markdown())
