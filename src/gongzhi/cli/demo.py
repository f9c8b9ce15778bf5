"""`gongzhi demo [small|full]`: the demonstration county and its accounts."""

import sys
import time
from collections.abc import Callable
from typing import Any

from gongzhi.cli import say

Progress = Callable[[int, int, str], None]
"""Steps done, steps in all, and what is being done."""


def load(kind: str, progress: Progress) -> None:
    """Load the demonstration into a new database: "small" or "full"; Trouble for one in use."""
    from django.utils import timezone

    from gongzhi.cli.demo_data import books, deliberation, full, neighbours, stories, world
    from gongzhi.core.models import Fact
    from gongzhi.people.models import Person

    if kind not in ("small", "full"):
        raise say.Trouble("只有 small 和 full 两种示范。", "There are two: small and full.")
    if Person.objects.exists():
        raise say.Trouble(
            "数据库里已经有人员资料，示范数据只能装进新的数据库。",
            "The database already holds people; the demonstration needs a new one.",
        )
    at = timezone.now()
    if kind == "small":
        built = world.build(world.SMALL, at, progress)
        stories.write(built, at, lambda n, of: progress(45 + 29 * n // of, 100, "事项"))
        deliberation.write(at, lambda n, of: progress(74 + 14 * n // of, 100, "四个镇的议事"))
        neighbours.write(at)
        books.write(built, at, lambda n, of: progress(88 + 11 * n // of, 100, "积分、商城和频道"))
    else:
        built = world.build(world.FULL, at, lambda n, of, what: progress(n * 6 // 10, of, what))
        stories.write(built, at, lambda n, of: progress(24 + 4 * n // of, 100, "示例事项"))
        deliberation.write(at, lambda n, of: progress(28 + 1 * n // of, 100, "四个镇的议事"))
        neighbours.write(at)
        books.write(built, at, lambda n, of: progress(29 + 1 * n // of, 100, "积分、商城和频道"))
        full.write(built, at, lambda n, of: progress(30 + 69 * n // of, 100, f"一年事项 {n:,}"))
    Fact.objects.update_or_create(name="demo", defaults={"value": kind})
    progress(100, 100, "示范县已就绪")


def accounts() -> list[dict[str, Any]]:
    """The accounts of the demonstration, one tap each, residents first."""
    from gongzhi.cli.demo_data import cast
    from gongzhi.people.cast import DUTIES
    from gongzhi.people.models import Account, Appointment
    from gongzhi.people.roles import ROLES

    rows = {row.username: row for row in Account.objects.select_related("person__household__place")}
    posts = {post.person_id: post for post in Appointment.objects.select_related("place")}
    found = []
    for username, row in rows.items():
        post = posts.get(row.person_id)
        role = post.role if post else cast.RESIDENTS.get(username, ("", "resident", ""))[1]
        home = row.person.household.place if row.person.household else None
        place = post.place if post else home
        found.append({
            "username": username, "password": cast.PASSWORD, "name": row.person.name,
            "role": role, "role_name": DUTIES.get(username, ROLES[role].name),
            "place": place.name if place else "",
            "kind": "staff" if ROLES[role].staff else "resident",
        })  # fmt: skip
    order = list(ROLES)
    return sorted(found, key=lambda a: (order.index(str(a["role"])), str(a["username"])))


def main(argv: list[str]) -> int:
    """`gongzhi demo`, `gongzhi demo --full`."""
    from gongzhi.cli import seed

    kinds = [word.removeprefix("--") for word in argv] or ["small"]
    if len(kinds) != 1 or kinds[0] not in ("small", "full"):
        say.say("用法：gongzhi demo [--small | --full]", "Usage: gongzhi demo [--small | --full]")
        return 2
    started = time.monotonic()
    load(kinds[0], seed.bar)
    seconds = time.monotonic() - started
    say.say(f"用时 {seconds:.1f} 秒。", f"It took {seconds:.1f} s.")
    for account in accounts():
        print(f"  {account['username']:<10}{account['password']}  {account['role_name']}  "
              f"{account['name']}  {account['place']}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
