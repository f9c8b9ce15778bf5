"""The explained page says everything the file says, in both languages, and shows it."""

import re
from html.parser import HTMLParser

import pytest
from lxml import etree

from gongzhi.playbooks import explain, graph, load, picture
from gongzhi.playbooks.schema import Playbook

SHIPPED = load.load_all([f for f in sorted(load.shipped().iterdir()) if f.is_dir()])[0]
PLAYBOOKS = pytest.mark.parametrize("playbook", SHIPPED.values(), ids=SHIPPED)
LANGUAGES = pytest.mark.parametrize("language", ["zh-Hans", "en"])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@PLAYBOOKS
@LANGUAGES
def test_every_stage_role_and_number_is_told(playbook: Playbook, language: str) -> None:
    text = explain.text(playbook, language)
    words = playbook.words(language)
    for stage in playbook.stages:
        assert words.stages[stage.id].name in text
        assert words.stages[stage.id].what in text
        for role in {*stage.do, *stage.gate.by, *stage.gate.verify_by}:
            assert words.roles[role] in text
        if stage.deadline:
            assert str(stage.deadline.due.amount) in text
    assert "{" not in text


def test_majorities_are_said_as_the_law_says_them() -> None:
    text = explain.text(SHIPPED["xuyi"])
    assert "应到的人里三分之二以上到会才能开" in text
    assert "到会的人里过半数赞成" in text


def test_a_language_that_does_not_exist_falls_back_to_chinese() -> None:
    assert explain.text(SHIPPED["xuyi"], "fr") == explain.text(SHIPPED["xuyi"])


@PLAYBOOKS
@LANGUAGES
def test_the_page_is_well_formed_and_needs_no_style_of_its_own(
    playbook: Playbook, language: str
) -> None:
    page, tags = explain.html(playbook, language), _Tags()
    tags.feed(page)
    assert not tags.open
    assert not any("style" in attributes for attributes in tags.seen)
    assert "<script" not in page


def test_what_the_author_wrote_cannot_become_markup() -> None:
    xuyi = SHIPPED["xuyi"].to_json().replace("正在议", "正在议").replace("居民提事", "<b>提</b>&")
    page = explain.html(Playbook.from_json(xuyi))
    assert "<b>" not in page
    assert "&lt;b&gt;提&lt;/b&gt;&amp;" in page


@PLAYBOOKS
@LANGUAGES
def test_the_picture_shows_every_node_and_lane(playbook: Playbook, language: str) -> None:
    drawing = etree.fromstring(picture.svg(playbook, language).encode())
    space = {"s": "http://www.w3.org/2000/svg"}
    boxes = [r for r in drawing.iterfind("s:rect", space) if r.get("width") == "112"]
    assert len(boxes) == len(graph.of(playbook).nodes)
    written = "".join(drawing.itertext())
    for level in playbook.levels:
        assert playbook.words(language).levels[level.id] in written
    assert drawing.find("s:title", space) is not None
    assert drawing.find("s:desc", space) is not None


@PLAYBOOKS
def test_nothing_is_drawn_outside_the_picture(playbook: Playbook) -> None:
    drawing = etree.fromstring(picture.svg(playbook).encode())
    _, _, width, height = map(float, drawing.get("viewBox").split())
    for rect in drawing.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(rect.get("x")) >= 0
        assert float(rect.get("x")) + float(rect.get("width")) <= width
        assert float(rect.get("y")) + float(rect.get("height")) <= height
    for path in drawing.iterfind("{http://www.w3.org/2000/svg}path"):
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path.get("d"))]
        assert all(0 <= n <= max(width, height) for n in numbers)
