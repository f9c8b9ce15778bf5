"""Who holds which post in the demonstration, and the units that handle matters."""

from typing import NamedTuple

XUYI, MABA, SHUANGMA = "320830000000", "320830101000", "320830101201"
YANDU, XINDU = "320903000000", "320903050000"
COMMUNITIES = (
    "320903050015",  # 聚龙湖
    "320903050001",  # 娱乐
    "320903050002",  # 南港
    "320903050003",  # 加祥
    "320903050004",  # 串场河
    "320903050013",  # 凤开
    "320903050014",  # 戴庄
)
"""Seven of the eleven of the 2023 table: the text of 2020 has seven and does not name them."""


PHONES = {SHUANGMA: "0517-12345", "320903050": "0515-12345"}
"""By beginning of the code. The citizens' lines of the two cities: no invented number rings."""


class Unit(NamedTuple):
    """An organisation that matters are given to."""

    key: str
    name: str
    kind: str
    place: str


class Post(NamedTuple):
    """One appointment. `username` also makes an account."""

    username: str
    name: str
    role: str
    place: str
    unit: str = ""


UNITS = (
    Unit("water_town", "马坝镇水利站", "department", MABA),
    Unit("roads_town", "马坝镇城乡建设办", "department", MABA),
    Unit("farm_county", "盱眙县农业农村局", "department", XUYI),
    Unit("estate", "聚龙湖花园物业服务中心", "property", COMMUNITIES[0]),
    Unit("water", "新都街道水务所", "department", XINDU),
    Unit("city", "新都街道综合执法局", "department", XINDU),
    Unit("police", "新都派出所", "department", XINDU),
    Unit("power", "新都供电所", "department", XINDU),
    Unit("labour", "盐都区人力资源和社会保障局", "department", YANDU),
    Unit("market", "盐都区市场监督管理局", "department", YANDU),
    Unit("helpers", "邻里帮志愿服务社", "social_org", XINDU),
    Unit("shop", "方记杂货店", "company", XINDU),
    Unit("bank", "盐都农商行", "company", YANDU),
)

POSTS = (
    # 盱眙县马坝镇双马村
    Post("chen", "陈书田", "committee", SHUANGMA),
    Post("", "许国平", "committee", SHUANGMA),
    Post("zheng", "郑守义", "party_secretary", SHUANGMA),
    Post("sun", "孙秀英", "supervisor", SHUANGMA),
    Post("wu", "吴大成", "workshop_host", SHUANGMA),
    Post("qian", "钱桂芳", "workshop_member", SHUANGMA),
    Post("", "冯老三", "workshop_member", SHUANGMA),
    Post("", "褚玉珍", "workshop_member", SHUANGMA),
    Post("", "卫长根", "workshop_member", SHUANGMA),
    Post("liu", "刘小燕", "generalist_worker", SHUANGMA),
    Post("jiang", "蒋正林", "town_officer", MABA),
    Post("", "沈立新", "verifier", MABA),
    Post("han", "韩广田", "dept_officer", MABA, "water_town"),
    Post("", "杨建军", "dept_officer", MABA, "roads_town"),
    Post("", "朱向阳", "county_leader", XUYI),
    Post("", "秦志远", "verifier", XUYI),
    Post("", "尤德明", "dept_officer", XUYI, "farm_county"),
    # 新都街道聚龙湖社区
    Post("he", "何晓慧", "committee", COMMUNITIES[0]),
    Post("lv", "吕爱民", "supervisor", COMMUNITIES[0]),
    Post("shi", "施红旗", "party_secretary", COMMUNITIES[0]),
    Post("zhang", "张婷", "generalist_worker", COMMUNITIES[0]),
    Post("cao", "曹经理", "org_manager", COMMUNITIES[0], "estate"),
    Post("hua", "华小雨", "volunteer", COMMUNITIES[0], "helpers"),
    # 新都街道
    Post("luo", "罗文斌", "town_officer", XINDU),
    Post("tang", "唐敏", "dispatcher", XINDU),
    Post("yan", "严谨", "verifier", XINDU),
    Post("li", "李水生", "dept_officer", XINDU, "water"),
    Post("", "马骏", "dept_officer", XINDU, "power"),
    Post("", "方正", "dept_officer", XINDU, "police"),
    Post("wei", "魏执", "enforcement_officer", XINDU, "city"),
    Post("", "任重", "enforcement_officer", XINDU, "city"),
    Post("fang", "方记杂货店", "merchant", XINDU, "shop"),
    # 盐都区
    Post("gao", "高远", "county_leader", YANDU),
    Post("", "顾全", "verifier", YANDU),
    Post("", "程度", "dept_officer", YANDU, "labour"),
    Post("", "常青", "dept_officer", YANDU, "market"),
    Post("bank", "农商行联络员", "funder", YANDU, "bank"),
    Post("mei", "梅教授", "observer", YANDU),
    Post("sys", "系统管理员", "system_admin", YANDU),
    Post("sec", "安全管理员", "security_admin", YANDU),
    Post("audit", "审计管理员", "audit_admin", YANDU),
)
GRID_WORKERS = ("wen", "文静")  # account and name of the first; the others have neither
RESIDENTS = {
    "amei": ("阿梅", "resident", COMMUNITIES[0]),
    "laozhao": ("老赵", "household_head", SHUANGMA),
}
PASSWORD = "gongzhi-demo"  # noqa: S105 - printed on the sign-in page of the demonstration
