"""Open matters nearby that may be the same one."""

from gongzhi.matters.suggest import duplicates

TITLES = [
    (1, "小学门前路灯不亮"),
    (2, "垃圾桶满了没人清"),
    (3, "路灯坏了"),
    (4, "学校门口路灯不亮"),
    (5, "电梯又停了"),
]


def test_the_likeliest_comes_first_with_the_pieces_both_share() -> None:
    found = duplicates.similar("小学门前路灯不亮了", TITLES)
    assert found[0].key == 1
    assert {4} <= {likely.key for likely in found}
    assert 2 not in {likely.key for likely in found}
    assert found[0].why == ("小学门前路灯不亮",)
    assert all(0 < likely.alike <= 1 for likely in found)


def test_the_same_title_is_wholly_alike() -> None:
    assert duplicates.similar("电梯又停了", TITLES)[0].alike == 1.0


def test_nothing_alike_is_an_empty_list() -> None:
    assert duplicates.similar("想学个手艺", TITLES) == []
    assert duplicates.similar("路灯", []) == []
    assert duplicates.similar("", TITLES) == []


def test_no_more_are_offered_than_asked_for() -> None:
    many = [(i, f"路灯不亮{i}") for i in range(50)]
    assert [likely.key for likely in duplicates.similar("路灯不亮", many, 3)] == [0, 1, 2]


def test_shared_pieces_do_not_overlap() -> None:
    assert duplicates.shared("东门口路灯不亮", "路灯不亮，东门") == ("路灯不亮", "东门")
