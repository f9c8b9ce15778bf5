"""The bar on top of a matter tells the way it really takes."""

import people
from gongzhi.matters import queries


def test_leaders_joint_handling_shows_only_while_a_matter_stands_there() -> None:
    playbook = people.shipped("xindu")
    handled = queries.progress(playbook, {"stage": "handle", "outcome": ""})
    joint = playbook.top_stage()
    assert joint is not None
    assert joint not in [step["id"] for step in handled]
    above = queries.progress(playbook, {"stage": joint, "outcome": ""})
    assert [step["state"] for step in above if step["id"] == joint] == ["now"]


def test_the_six_steps_of_xuyi_are_done_one_after_the_other() -> None:
    playbook = people.shipped("xuyi")
    bar = queries.progress(playbook, {"stage": "handle", "outcome": ""})
    assert [step["state"] for step in bar] == ["done", "done", "done", "now", "next", "next"]
