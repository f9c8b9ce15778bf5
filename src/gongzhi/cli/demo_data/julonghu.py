"""聚龙湖社区 of Xindu, home of the first resident of the cast: points, a channel, a small mall."""

from datetime import datetime, timedelta
from random import Random

from gongzhi.channels import actions as channels
from gongzhi.cli.demo_data import cast, points
from gongzhi.cli.demo_data import mall as malls
from gongzhi.cli.demo_data.log import Diary
from gongzhi.cli.demo_data.mall import Bought, Goods, Mall, Shop
from gongzhi.cli.demo_data.names import Crowd
from gongzhi.cli.demo_data.points import Community, Deed
from gongzhi.cli.demo_data.towns import Town
from gongzhi.cli.demo_data.world import SEED, World
from gongzhi.mall import actions
from gongzhi.people.models import Person

HOME = cast.COMMUNITIES[0]
SHOP = Shop(
    "shop", "方记杂货店", "92320903MA0000F012", "daily", "江苏盐城农商行新都支行",
    "6228000000000201", (
        Goods("挂面三斤", "", "goods", 1500, 45, 60), Goods("洗洁精", "", "goods", 1200, 36, 40),
        Goods("雨伞", "", "goods", 2900, 80, 25),
    ),
)  # fmt: skip


def tell(world: World, at: datetime, diary: Diary) -> None:
    """Ah-Mei has earned some points, spent a few, and reads her building's channel."""
    c = _community(world, at, diary)
    amei, wen = world.people["amei"], world.people["wen"]
    points.rule_book(c, 40, ballot=False, budget=1500)
    points.deeds(c, [
        Deed(34, 0, "H01", "和邻居清了楼前的落叶", times=2),
        Deed(33, 0, "Z01", "看望三楼的王奶奶", times=4),
        Deed(32, 1, "A02", "夜里巡逻", "record", 2),
        Deed(6, 0, "E04", "给社区书屋捐了十本书", "words"),
        Deed(5, 2, "H03", "分类亭值守", "record", 2),
        Deed(1, 0, "Z02", "陪王奶奶去医院", "witness", 1, "claimed"),
    ])  # fmt: skip
    points.notice(c, 29)
    points.notice(c, 1, entered=False)
    _channels(c, world, amei, wen)
    _mall(c, world, amei)


def _community(world: World, at: datetime, diary: Diary) -> Community:
    """The cast's own people in the clothes of a pilot."""
    town = Town(cast.XINDU, "xindu", at, Crowd(Random(SEED), at.date()))  # noqa: S311
    town.posts = {
        ("committee", HOME): world.people["he"], ("town_officer", cast.XINDU): world.people["luo"],
        ("generalist_worker", HOME): world.people["zhang"],
        ("grid_worker", f"{HOME}001"): world.people["wen"],
    }  # fmt: skip
    amei = world.people["amei"]
    building = Person.objects.values_list("household__place_id", flat=True).get(pk=amei)
    near = Person.objects.filter(household__place_id=building, head=True).exclude(pk=amei)
    homes = [amei, *near.order_by("id").values_list("id", flat=True)[:6]]
    return Community(town, HOME, diary, "聚龙湖社区", world.places[HOME], f"{HOME}001", homes)


def _channels(c: Community, world: World, amei: int, wen: int) -> None:
    place = Person.objects.values_list("household__place_id", flat=True).get(pk=amei)
    day = c.town.day
    made = channels.open_channel(place_id=c.place, kind="community", name="聚龙湖社区",
                                 by=world.people["he"], at=day(45))  # fmt: skip
    own = channels.open_channel(place_id=place or 0, kind="building", name="我们这栋楼",
                                by=world.people["he"], at=day(45))  # fmt: skip
    post = channels.say(
        channel_id=own, words="单元门口的感应灯不亮了。", by=c.homes[1], at=day(5, 10)
    )
    channels.say(
        channel_id=own, words="下午就换，谢谢提醒。", by=wen, at=day(5, 10, 15), under=post
    )
    channels.notify(channel_id=made, words="周六上午九点，书屋办旧书交换，欢迎来。",
                    by=world.people["he"], at=day(2, 9, 30))  # fmt: skip


def _mall(c: Community, world: World, amei: int) -> None:
    mall = Mall(c.diary)
    mall.firms = {"operator": world.units["estate"], "funder": world.units["bank"],
                  "shop": world.units["shop"]}  # fmt: skip
    mall.people = {"operator": world.people["cao"], "funder": world.people["bank"],
                   "shop": world.people["fang"]}  # fmt: skip
    by = world.people["he"]

    def opened(at: datetime) -> None:
        malls.founded(mall, c.place, "聚龙湖邻里商城", by, at)
        actions.pledge(mall_id=mall.id, amount_fen=500_000, document="聚龙湖社区共建协议第3号",
                       by=mall.people["funder"], at=at)  # fmt: skip
        actions.publish_rate(mall_id=mall.id, fen=10, from_on=at.date(), by=by, at=at,
                             basis="居民代表会议通过")  # fmt: skip
        malls.stocked(mall, (SHOP,), at + timedelta(minutes=1))

    c.diary.on(c.town.day(44, 9), opened)
    malls.sold(mall, c.town, (Bought(8, amei, "shop", "挂面三斤", 12),))
