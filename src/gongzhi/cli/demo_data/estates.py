"""Case 12: Xinqiao's mall. Points offset purchases, shops are cleared in yuan, one claim financed.

The rule is voted in two communities; a town fund stands behind every point at a published rate.
"""

from datetime import datetime, timedelta

from gongzhi.cli.demo_data import mall as malls
from gongzhi.cli.demo_data import points, towns
from gongzhi.cli.demo_data.log import Diary
from gongzhi.cli.demo_data.mall import Bought, Goods, Mall, Shop
from gongzhi.cli.demo_data.points import Community, Deed
from gongzhi.cli.demo_data.towns import Town
from gongzhi.mall import actions
from gongzhi.people.models import Organisation

XINQIAO = "321282101000"
FUJIANG, VILLAGE = "321282101005", "321282101209"  # 富江新苑社区, 新桥村
RATE = 10  # fen a point
PLEDGE = 2_000_000  # 20,000.00 yuan
SHOPS = (
    Shop("grain", "新桥惠民粮油店", "91321282MA0000D01F", "grocer", "江苏靖江农商行新桥支行",
         "6228000000000101", (
             Goods("大米10斤", "本地新米，当天碾的", "goods", 4200, 120, 60),
             Goods("菜籽油5升", "", "goods", 6800, 200, 40),
             Goods("土鸡蛋30枚", "", "goods", 3600, 100, 50),
         )),
    Shop("care", "富江家政服务部", "91321282MA0000D02J", "care", "江苏靖江农商行新桥支行",
         "6228000000000102", (
             Goods("上门保洁2小时", "", "service", 8000, 200, 30),
             Goods("油烟机清洗", "", "service", 12000, 200, 20),
         ), 100),
    Shop("mend", "老陈修补铺", "91321282MA0000D03M", "repair", "中国邮政储蓄银行靖江市支行",
         "6217000000000103", (
             Goods("修鞋换底", "", "service", 2500, 70, 99),
             Goods("配钥匙", "", "service", 1000, 30, 99),
         )),
    Shop("desk", "富江新苑服务点", "52321282MJ0000P01R", "point", "江苏靖江农商行新桥支行",
         "6228000000000104", (
             Goods("抽纸一提", "", "gift", 0, 20, 80),
             Goods("洗衣液一瓶", "", "gift", 0, 45, 40),
         )),
)  # fmt: skip
WHO = {"grain": "季卫东", "care": "朱小妹", "mend": "陈阿根", "desk": "范丽", "operator": "盛旭",
       "funder": "陆敏", "bank": "刘行长"}  # fmt: skip


def tell(at: datetime, diary: Diary) -> tuple[Town, Mall, Community]:
    """Two communities with a rule, a fund, four shops, three clearing days."""
    town = towns.settle(XINQIAO, "xinqiao", at, seed=12)
    estate = points.community(
        town, diary, FUJIANG, 14, ("富江新苑5号楼", "富江新苑8号楼"), "富江新苑"
    )
    village = points.community(town, diary, VILLAGE, 6, ("新桥村2组",), "新桥村2组")
    mall = Mall(diary)
    start = town.start
    for shop in SHOPS:
        malls.firm(mall, shop.key, shop.name, "company", "merchant", town.place, WHO[shop.key],
                   start)  # fmt: skip
    malls.firm(mall, "operator", "靖江惠邻商业运营有限公司", "company", "org_manager", town.place,
               WHO["operator"], start)  # fmt: skip
    malls.firm(mall, "funder", "新桥镇财政和资产管理局", "department", "funder", town.place,
               WHO["funder"], start)  # fmt: skip
    malls.firm(
        mall, "bank", "靖江农商行普惠金融部", "bank", "funder", town.place, WHO["bank"], start
    )
    diary.on(town.day(62), lambda t: _opened(mall, town, t))
    for c, ago, ballot, budget in ((estate, 58, True, 6000), (village, 57, False, 1500)):
        c.unit = Organisation.objects.create(
            name="新桥机械厂" if c is estate else "新桥合作社", kind="company", place_id=c.place
        ).pk
        points.rule_book(c, ago, ballot=ballot, budget=budget)
        points.groups(c, ago - 2, "富江邻里帮" if c is estate else "新桥锣鼓队")
    _earned(estate, village)
    _spent(mall, town, estate, village)
    _cleared(mall, town)
    return town, mall, estate


def _opened(mall: Mall, town: Town, at: datetime) -> None:
    """Founded, pledged by a document, a rate published by resolution, shops and a bank admitted."""
    by = town.post("town_officer")
    malls.founded(mall, town.place, "新桥社区商城", by, at)
    actions.pledge(mall_id=mall.id, amount_fen=PLEDGE, by=mall.people["funder"], at=at,
                   document=f"新政发〔{at.year}〕21号 居民积分兑付资金")  # fmt: skip
    actions.publish_rate(mall_id=mall.id, fen=RATE, from_on=at.date(), by=by, at=at,
                         basis="镇人大主席团审议，村（居）民代表会议通过")  # fmt: skip
    malls.stocked(mall, SHOPS, at)
    mall.financier = actions.license_financier(
        mall_id=mall.id, organisation_id=mall.firms["bank"], licence="B1234H332120001",
        valid_to=at.date() + timedelta(days=1500), bank="江苏靖江农商行", by=by, at=at,
        bank_account="6228000000000199",
    )  # fmt: skip


def _earned(estate: Community, village: Community) -> None:
    many = [
        Deed(53, n, code, words, evidence, times)
        for n, (code, words, evidence, times) in enumerate((
            ("Z01", "每周两次看望楼下独居的朱奶奶", "witness", 8),
            ("E02", "四点半课堂陪孩子写作业", "record", 8),
            ("A02", "跟着夜巡队巡逻", "record", 8),
            ("H03", "分类亭值守", "record", 8),
            ("Z02", "陪老人到镇上医院看病", "record", 5),
            ("M01", "帮两家说和了车位的事", "witness", 2),
            ("E03", "教老人用手机缴水费", "record", 6),
            ("H01", "和大家清理安置房的楼道", "witness", 4),
        ))
    ]  # fmt: skip
    more = [Deed(51, n, "L01", "防汛值守两晚", "record", 4) for n in range(5)]
    groups = [
        Deed(52, "team", "H05", "清了小区北边的荒草地", "record", 2),
        Deed(50, "unit", "A05", "开放消防器材，带大家演练", "record"),
        Deed(11, 0, "E03", "教老人用手机挂号", "record", 8),
        Deed(10, 3, "L03", "拦下着火的电动车，叫邻居下楼", "witness"),
        Deed(9, 6, "Z01", "看望朱奶奶", "witness", 4),
        Deed(1, 8, "H01", "清理楼道", "witness", 1, "claimed"),
    ]
    points.deeds(estate, [*many, *more, *groups])
    points.deeds(village, [
        Deed(53, 0, "C04", "邻里节出了两道菜", "words", 2),
        Deed(52, 1, "Z03", "帮残疾邻居取药", "words", 8),
        Deed(51, "team", "C02", "锣鼓队给老人演出", "record", 2),
        Deed(50, 2, "L02", "马拉松服务站帮忙", "record", 3),
    ])  # fmt: skip
    points.hours(estate, ((45, 1, 240, "四点半课堂"), (20, 2, 180, "夜巡")))
    for c in (estate, village):
        points.notice(c, 48)
    points.notice(estate, 7)


def _spent(mall: Mall, town: Town, estate: Community, village: Community) -> None:
    e, v = estate.homes, village.homes
    malls.sold(mall, town, (
        Bought(43, e[0], "grain", "大米10斤", 60),
        Bought(42, e[1], "grain", "菜籽油5升", 45),
        Bought(42, e[2], "care", "上门保洁2小时", 50),
        Bought(41, e[3], "mend", "修鞋换底", 30),
        Bought(40, e[4], "grain", "土鸡蛋30枚", 45),
        Bought(40, v[1], "mend", "配钥匙", 15),
        Bought(39, e[6], "desk", "抽纸一提"),
        Bought(38, e[2], "grain", "土鸡蛋30枚", 20, True),
        Bought(20, e[0], "care", "油烟机清洗", 15),
        Bought(18, e[1], "grain", "土鸡蛋30枚", 33),
        Bought(16, v[2], "grain", "大米10斤", 20),
        Bought(3, e[3], "grain", "大米10斤", 20),
        Bought(2, e[5], "mend", "修鞋换底", 18),
    ))  # fmt: skip


def _cleared(mall: Mall, town: Town) -> None:
    """The grocer's first claim is due in three weeks and financed; the others wait a day."""
    malls.stated(mall, town, 36, "grain", due=21)
    malls.stated(mall, town, 36, "care")
    malls.stated(mall, town, 36, "mend")
    malls.financed(mall, town, 34, "grain", 36, off_bp=60)
    malls.cleared(mall, town, 34)
    malls.stated(mall, town, 14, "grain")
    malls.cleared(mall, town, 12)
    malls.stated(mall, town, 4, "care", owed=False)
    malls.stated(mall, town, 1, "mend", confirmed=False)
