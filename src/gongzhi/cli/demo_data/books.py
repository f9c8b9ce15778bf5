"""Points, malls and channels of the demonstration: three places, one diary, one sealed log."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from gongzhi.cli.demo_data import cast, estates, julonghu, log, pilots
from gongzhi.cli.demo_data.mall import Mall
from gongzhi.cli.demo_data.points import Community
from gongzhi.cli.demo_data.world import World
from gongzhi.people.models import Account


def write(world: World | None, at: datetime, progress: Callable[[int, int], None]) -> None:
    """Cases 1 and 12, and Ah-Mei's community where there is a world; then the log is sealed."""
    diary = log.Diary()
    with transaction.atomic():
        desk, zhijia, _ = pilots.tell(at, diary)
        progress(1, 4)
        _, mall, estate = estates.tell(at, diary)
        if world is not None:
            julonghu.tell(world, at, diary)
        progress(2, 4)
        diary.tell(at)
        progress(3, 4)
        log.seal(at)
        _accounts(zhijia, estate, desk, mall)
    progress(4, 4)


def _accounts(pilot: Community, estate: Community, desk: Mall, mall: Mall) -> None:
    """One tap each: who earns, who checks, who sells, runs, pays, finances and watches."""
    secret = make_password(cast.PASSWORD)
    people = {
        "lan": pilot.homes[0], "clerk": pilot.post("committee"),
        "check": pilot.post("grid_worker"), "street": pilot.town.post("town_officer"),
        "xinqiao": estate.homes[0],
        "desk": desk.people["desk"], "grain": mall.people["grain"],
        "operator": mall.people["operator"], "fund": mall.people["funder"],
        "finance": mall.people["bank"], "witness": estate.post("supervisor"),
    }  # fmt: skip
    Account.objects.bulk_create(
        Account(username=name, person_id=person, password=secret) for name, person in people.items()
    )
