"""Case 1: the two pilots of Maqun, 芝嘉花园 and 宁康苑. 1.0 from paper, 2.0 on line, channels.

The street's own words (2021-06-16): 2019 on paper, 2020 "掌云+积分制"; residents, teams,
enterprises and institutions; regular items of six areas and temporary ones.
"""

from datetime import datetime

from gongzhi.cli.demo_data import channels, points, towns
from gongzhi.cli.demo_data import mall as malls
from gongzhi.cli.demo_data.channels import Said
from gongzhi.cli.demo_data.log import Diary
from gongzhi.cli.demo_data.mall import Bought, Goods, Mall, Shop
from gongzhi.cli.demo_data.points import Community, Deed
from gongzhi.cli.demo_data.towns import Town
from gongzhi.deliberation.programmes import stations
from gongzhi.people import queries as people
from gongzhi.people.models import Organisation

MAQUN = "320113002000"
ZHIJIA, NINGKANG = "320113002008", "320113002011"
DESK = Shop(
    "desk", "驿万家积分兑换点", "52320113MJ0000P02D", "point", "南京银行马群支行",
    "6228000000000301",
    (
        Goods("抽纸一提", "凭二维码到驿站领", "gift", 0, 20, 60),
        Goods("洗衣液一瓶", "", "gift", 0, 60, 30),
        Goods("雨伞", "", "gift", 0, 80, 20),
    ),
)  # fmt: skip
PAPER = {ZHIJIA: (126, 88, 210, 45, 160, 72, 30, 95), NINGKANG: (64, 120, 38, 150, 55)}
ZHIJIA_DEEDS = (
    Deed(52, 0, "H01", "和邻居把三号楼的楼道扫干净了", times=2),
    Deed(51, 1, "Z01", "看望五楼独居的周奶奶，陪说话", times=4),
    Deed(50, 2, "M01", "楼上漏水，帮两家说和了"),
    Deed(49, 3, "E03", "在驿站教老人用手机挂号", "record", 3),
    Deed(48, 4, "H02", "把门口的旧柜子搬走了"),
    Deed(47, "team", "C02", "重阳节给老人演了一场", "record"),
    Deed(46, "unit", "Z05", "来社区义诊一天，量血压、看牙", "record"),
    Deed(45, 5, "L01", "台风那晚在地下车库值守", "record", 2),
    Deed(44, 6, "H03", "垃圾分类亭值守", "record", 4, "refused"),
    Deed(30, 0, "E02", "暑托班陪孩子写作业", "record", 4),
    Deed(28, 7, "A02", "夜里巡逻两次", "record", 2),
    Deed(26, 2, "L03", "看见老人摔倒，送到医院陪到家人来"),
    Deed(24, "unit", "E05", "工程师来讲怎么防电信诈骗", "record"),
    Deed(22, "team", "H05", "种了一排月季，清了绿地里的石头", "record"),
    Deed(20, 8, "L02", "社区运动会帮忙", "record"),
    Deed(18, 9, "Z02", "陪吴爷爷去医院", "record"),
    Deed(5, 1, "Z03", "帮腿脚不便的邻居买菜", times=3),
    Deed(4, 3, "H01", "扫了小广场"),
    Deed(2, 0, "Z01", "看望周奶奶", "words", 1, "checked"),
    Deed(1, 4, "H04", "给认养的桂花浇水", "words", 1, "claimed"),
    Deed(1, 5, "A02", "昨晚巡逻", "record", 1, "claimed"),
)
NINGKANG_DEEDS = (
    Deed(43, 0, "H01", "清了三单元门口的建筑垃圾", times=2),
    Deed(42, 1, "E01", "给邻居讲怎么种多肉", "record"),
    Deed(41, "team", "C03", "每天早上带大家打太极", "record", 2),
    Deed(40, "unit", "H06", "把店门口的路面冲洗干净", "record"),
    Deed(39, 2, "L01", "暴雨夜守地下车库", "record"),
    Deed(19, 3, "M03", "上门听二十户对停车的意见", "record"),
    Deed(17, 4, "E04", "捐了三十本童书", "words"),
    Deed(1, 2, "H03", "分类亭值守", "record", 1, "claimed"),
)
ZHIJIA_SAID = (
    Said(
        50,
        "building",
        7,
        "3号楼二单元门灯坏了，老人摸黑上楼。",
        "收到，我去看，今天报修。",
        "facilities.lighting",
    ),
    Said(
        46,
        "community",
        3,
        "小区东门口垃圾桶满了两天，味道大。",
        "马上联系清运，下午清。",
        "environment.waste",
    ),
    Said(
        41,
        "building",
        8,
        "楼道里停了两辆电动车还飞线充电，怕着火。",
        "我上门去说，充电桩在南边。",
        "traffic.charging",
    ),
    Said(
        37,
        "compound",
        2,
        "消防通道又被私家车堵了。",
        "已经打电话请车主挪，再划一次线。",
        "safety.fire",
    ),
    Said(
        33,
        "compound",
        7,
        "楼上半夜拖椅子，说了几次没用。",
        "晚上我和调解员一起去坐坐。",
        "neighbours.leak",
    ),
    Said(27, "community", 6, "电梯今天停了三次。", "物业和维保都通知了。", "property.lift"),
    Said(12, "topic", 8, "阳台上的月季长白粉病怎么办？", "可以用小苏打水喷，周六来驿站我教大家。"),
    Said(
        9,
        "building",
        10,
        "下水道有点返水，是不是堵了？",
        "请物业今天来通。",
        "facilities.drains",
        "working",
    ),
    Said(4, "community", 4, "广场舞能不能九点前结束？", "和领队说好了，八点半收。"),
    Said(
        3,
        "compound",
        9,
        "东边路灯有一盏一闪一闪的。",
        "收到，转供电所。",
        "facilities.lighting",
        "working",
        45,
    ),
    Said(0.9, "community", 5, "周六的义诊要带什么吗？", "带身份证就行，九点开始。"),
)
NINGKANG_SAID = (
    Said(40, "community", 0, "三单元门禁坏了，谁都能进。", "今天下午修。", "property.lift"),
    Said(21, "building", 2, "一楼阳台外面积水，蚊子多。", "明天请环卫来清。", "environment.waste"),
    Said(6, "community", 1, "快递柜能不能挪到北门？", "记下了，下次议事会议一议。"),
    Said(2, "building", 4, "楼顶太阳能的架子松了。", "", "safety.wires", "new"),
)


def tell(at: datetime, diary: Diary) -> tuple[Mall, Community, Community]:
    """Both pilots in the diary, a channel in each of the seventeen communities, a service point."""
    town = towns.settle(MAQUN, "maqun", at, seed=1)
    towns.appoint(town, [("generalist_worker", MAQUN, town.place, None)])
    zhijia = points.community(
        town, diary, ZHIJIA, 14, ("芝嘉花园1号楼", "芝嘉花园3号楼"), "芝嘉花园"
    )
    ningkang = points.community(town, diary, NINGKANG, 8, ("宁康苑2号楼",), "宁康苑")
    channels.everywhere(town, 200)
    for c, firm in ((zhijia, "马群口腔门诊部"), (ningkang, "宁康便利店")):
        c.unit = Organisation.objects.create(name=firm, kind="company", place_id=c.place).pk
        points.paper_books(c, 58, PAPER[c.code])
        points.groups(c, 57, "夕阳红文艺队" if c is zhijia else "晨练队")
        points.notice(c, 34)
        points.notice(c, 12)
    _zhijia(zhijia)
    _ningkang(ningkang)
    return _redeemed(town, diary, zhijia, ningkang), zhijia, ningkang


def _redeemed(town: Town, diary: Diary, zhijia: Community, ningkang: Community) -> Mall:
    """A service point of the street hands out gifts for points alone; nothing is paid in yuan."""
    mall = Mall(diary)
    for key, name, kind, role, who in (
        ("operator", "马群邻里服务中心", "social_org", "org_manager", "顾晓东"),
        ("funder", "马群街道公共服务办公室", "department", "funder", "沈洁"),
        ("desk", DESK.name, "social_org", "merchant", "汤小红"),
    ):
        malls.firm(mall, key, name, kind, role, town.place, who, town.start)

    def opened(at: datetime) -> None:
        malls.founded(mall, town.place, "马群积分兑换", town.post("town_officer"), at)
        malls.stocked(mall, (DESK,), at)

    diary.on(town.day(56, 9), opened)
    malls.sold(mall, town, (
        Bought(29, zhijia.homes[0], "desk", "洗衣液一瓶"),
        Bought(25, zhijia.homes[2], "desk", "雨伞"),
        Bought(14, zhijia.homes[4], "desk", "抽纸一提"),
        Bought(10, ningkang.homes[1], "desk", "洗衣液一瓶"),
    ))  # fmt: skip
    return mall


def _zhijia(c: Community) -> None:
    points.rule_book(c, 60, ballot=True, budget=4000)
    points.deeds(c, ZHIJIA_DEEDS)
    points.hours(c, ((49, 1, 120, "重阳节给老人送饭"), (35, 6, 180, "社区运动会维持秩序"),
                     (16, 10, 90, "图书室整理")))  # fmt: skip
    points.notice(c, 4, entered=False)  # its days are over: the desk may enter it now
    c.diary.on(c.town.day(40), lambda at: _station(c, at))
    channels.opened(c, 90, (
        ("community", "community", "芝嘉花园社区", c.code),
        ("compound", "compound", "芝嘉花园小区", f"{c.code}C01"),
        ("building", "building", "3号楼", f"{c.grid}B02"),
        ("topic", "topic", "一起养花", c.code),
    ))  # fmt: skip
    channels.talk(c, ZHIJIA_SAID)
    channels.notified(c, 8, "community", "周三上午九点到十一点停水，请提前接好水。", 9)
    channels.relayed(c, 15, "compound", "王芳：快递柜的屏幕又黑了，谁管一下 13912345678")
    channels.polled(c, 6, "community", "驿站周末几点开门最方便？",
                    ("八点", "九点", "下午两点"), (1, 1, 0, 1, 2, 1, 2), 5)  # fmt: skip


def _ningkang(c: Community) -> None:
    points.rule_book(c, 59, ballot=False, budget=2000)
    points.deeds(c, NINGKANG_DEEDS)
    points.hours(c, ((23, 3, 120, "给一楼老人装扶手"),))
    channels.opened(c, 88, (
        ("community", "community", "宁康苑社区", c.code),
        ("building", "building", "2号楼", f"{c.grid}B01"),
    ))  # fmt: skip
    channels.talk(c, NINGKANG_SAID)
    channels.notified(c, 5, "community", "流感疫苗到了，六十岁以上的可以来打。", 4)


def _station(c: Community, at: datetime) -> None:
    stations.open_station(
        place_id=c.place, name="驿万家", address="芝嘉花园社区一楼", phone="", at=at,
        services="积分兑换\n教老人用手机\n借工具\n测血压",
        viewer=people.viewer(c.post("committee"), at),
    )  # fmt: skip
