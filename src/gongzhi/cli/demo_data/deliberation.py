"""What neighbours decided: four towns, each by its own way, told by the real actions."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from gongzhi.cli.demo_data import assemblies, cast, councils, platforms
from gongzhi.people.models import Account


def write(at: datetime, progress: Callable[[int, int], None]) -> None:
    """Cases 13, 2, 3 and 10, in one transaction; an account for somebody in each town."""
    with transaction.atomic():
        aiyuan = assemblies.tell(at)
        progress(2, 4)
        luoshe, anguo = councils.tell(at)
        progress(3, 4)
        hanshang = platforms.tell(at)
        secret = make_password(cast.PASSWORD)
        Account.objects.bulk_create(
            Account(username=name, person_id=person, password=secret)
            for name, person in (
                ("aiyuan", aiyuan.post("town_officer")),
                ("lane", luoshe.homes[councils.LANE_OF][11]),
                ("luoshe", luoshe.post("committee", councils.SHUANGMIAO)),
                ("anguo", anguo.post("party_secretary", councils.LIUBANG)),
                ("hanshang", hanshang.post("committee", platforms.COMMUNITY)),
            )
        )
    progress(4, 4)
