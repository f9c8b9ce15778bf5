"""A paste from a group becomes messages without names; nothing vanishes unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.channels import pasted, rules

COMPUTER = "张三:\n楼道灯坏了\n\n李四 :\n张三说得对，电话13912345678\n[图片]\n\n王五:\n[图片]"
MAIL = """微信群聊"双马村一组"的聊天记录如下:

—————  2026-11-23  —————


张三  10:02

楼道灯坏了
已经三天

李四  上午10:05

@张三\u2005 收到

"王五"邀请"赵六"加入了群聊
"""


@pytest.mark.parametrize(("text", "messages"), [
    (COMPUTER, ["楼道灯坏了", "邻居说得对，电话139****5678"]),
    (MAIL, ["楼道灯坏了\n已经三天", "@邻居 收到"]),
    ("张三：楼道灯坏了\n李四：我也看到了：真的", ["楼道灯坏了", "我也看到了：真的"]),
    ("张三 2026/11/23 10:02:33\n灯坏了", ["灯坏了"]),
    ("2026-11-23 10:02 张三\n灯坏了", ["灯坏了"]),
    ("张三 昨天 下午3:05\n水管爆了\n张三 昨天 下午3:06\n快来", ["水管爆了", "快来"]),
    ("楼道灯坏了，时间：昨晚\n地点：3号楼", ["楼道灯坏了，时间：昨晚\n地点：3号楼"]),
    ("晚上10:30还在施工", ["晚上10:30还在施工"]),
    ("看 https://example.cn/x", ["看 https://example.cn/x"]),
    ("垃圾没人收\n谁管", ["垃圾没人收\n谁管"]),
    ("[图片]", []),
    ("", []),
])  # fmt: skip
def test_the_shapes_in_which_people_copy_messages(text: str, messages: list[str]) -> None:
    assert pasted.apart(text).messages == messages


def test_what_is_left_out_is_named_to_the_one_who_pasted() -> None:
    assert pasted.apart(COMPUTER).left_out == ["张三:", "李四 :", "王五:"]
    assert '"王五"邀请"赵六"加入了群聊' in pasted.apart(MAIL).left_out


def test_a_whole_group_is_not_taken_in() -> None:
    taken = pasted.apart("\n".join(f"邻居{n}号：第{n}件" for n in range(80)))
    assert len(taken.messages) == pasted.MOST
    assert len(taken.left_out) == 80 + 30


NAMES = st.text(alphabet="赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", min_size=2, max_size=4)
WORDS = st.text(alphabet="灯坏了水漏路边门口又来看快修啊", min_size=2, max_size=30)


@given(st.lists(st.tuples(NAMES, WORDS), min_size=1, max_size=12), st.integers(0, 3))
def test_no_sender_is_left_and_no_word_is_lost(said: list[tuple[str, str]], shape: int) -> None:
    form = ["{0}:\n{1}\n", "{0}：{1}", "{0}  10:02\n\n{1}\n", "{0} 2026/11/23 10:02\n{1}"][shape]
    taken = pasted.apart("\n".join(form.format(*pair) for pair in said))
    assert taken.messages == [words for _, words in said]
    assert not any(name in message for name, _ in said for message in taken.messages)


@given(st.text(max_size=80), st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_no_telephone_number_gets_through(words: str, phone: str) -> None:
    assert phone not in rules.masked(f"{words} {phone} {words}")


@given(st.text(max_size=400))
def test_any_text_at_all_is_taken_apart(text: str) -> None:
    assert all(message.strip() for message in pasted.apart(text).messages)
