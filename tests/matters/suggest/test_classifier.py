"""Suggestions learnt from confirmed matters, and the honest measure of them."""

import io
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pytest

from gongzhi.core.errors import BadInput
from gongzhi.matters.suggest import classifier, corpus, evaluate, taxonomy


@cache
def invented(count: int, seed: int) -> tuple[list[str], list[str]]:
    rng = Random(seed)
    matters = [corpus.invent(rng) for _ in range(count)]
    texts = [f"{title}。{body}" for title, body, _ in matters]
    return texts, [taxonomy.class_of(code) for *_, code in matters]


@cache
def trained() -> classifier.Model:
    return classifier.train(*invented(3000, 1))


def test_it_suggests_what_people_confirmed_and_says_why() -> None:
    best, second = trained().suggest("广场旁边的路灯不亮，天黑看不见")
    assert best.label == "facilities"
    assert second.label != best.label
    assert 1 >= best.confidence >= second.confidence >= 0
    assert best.why
    assert set(best.why) & {"路灯", "灯不", "不亮", "的路"}


def test_it_knows_most_of_what_it_has_not_seen() -> None:
    texts, labels = invented(500, 2)
    guesses = [trained().suggest(text, 1)[0].label for text in texts]
    assert np.mean([g == label for g, label in zip(guesses, labels, strict=True)]) > 0.97


def test_segmented_and_plain_text_are_the_same_to_it() -> None:
    model = trained()
    plain = "东门口垃圾桶满了没人清，臭味很大"
    assert model.suggest(plain) == model.suggest("东门口 垃圾桶 满 了 没人 清 ， 臭味 很 大")
    assert model.suggest("ＡＢ１路公交不停") == model.suggest("ab2路公交不停")


def test_it_suggests_nothing_for_signs_it_has_never_met() -> None:
    assert trained().suggest("") == []
    assert trained().suggest("۞ ۩") == []


def test_confidences_of_a_text_sum_to_one() -> None:
    sure = trained().confidences(invented(50, 4)[0])
    assert sure.sum(axis=1) == pytest.approx(np.ones(50))


def test_training_twice_gives_the_same_model() -> None:
    texts, labels = invented(400, 6)
    one, two = classifier.train(texts, labels), classifier.train(texts, labels)
    assert np.array_equal(one.confidences(texts), two.confidences(texts))


def test_two_labels_and_a_handful_of_texts_are_enough_to_begin() -> None:
    texts = ["路灯坏了", "路灯不亮", "老板欠工资", "拖欠工钱"]
    model = classifier.train(texts, ["灯", "灯", "钱", "钱"])
    assert model.suggest("楼下的路灯")[0].label == "灯"
    assert model.suggest("工资没给")[0].label == "钱"


def test_what_cannot_be_learnt_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="两种类别"):
        classifier.train(["一", "二"], ["a", "a"])
    with pytest.raises(BadInput, match="没有可以学习的文字"):
        classifier.train(["", " "], ["a", "b"])
    with pytest.raises(BadInput, match="条数"):
        classifier.train(["一"], ["a", "b"])


def test_a_model_comes_back_from_its_file_the_same(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    trained().save(path)
    loaded = classifier.Model.load(path)
    for text in invented(50, 7)[0]:
        assert loaded.suggest(text) == trained().suggest(text)
    kept = io.BytesIO()
    trained().save(kept)
    kept.seek(0)
    assert classifier.Model.load(kept).labels == trained().labels


def test_a_file_that_is_no_model_is_refused_and_never_run(tmp_path: Path) -> None:
    text = tmp_path / "a.npz"
    text.write_text("not a model")
    pickled = tmp_path / "b.npz"
    np.savez(pickled, words=np.array([{"evil": 1}], dtype=object))
    broken = tmp_path / "c.npz"
    trained().save(broken)
    broken.write_bytes(broken.read_bytes()[:5000])
    for path in (text, pickled, broken, tmp_path / "missing.npz"):
        with pytest.raises(BadInput, match="不是可用的分类模型"):
            classifier.Model.load(path)


def test_near_duplicates_get_one_group_and_different_texts_do_not() -> None:
    long = "新禾村三组的水泥路被大货车压坏，坑坑洼洼积水到脚踝，老人小孩不敢走，请尽快修"
    texts = [long, long + "！", "你好，" + long, "停车位被地锁占了没有地方停", "好", "好 ", "嗯"]
    groups = evaluate.near_duplicates(texts)
    assert groups[0] == groups[1] == groups[2]
    assert groups[4] == groups[5]
    assert len(set(groups.tolist())) == 4


def test_copies_of_a_message_are_never_learnt_from_when_it_is_asked_about() -> None:
    # Labels by lot: only somebody who has seen the copy can know them.
    rng = Random(8)
    signs = [chr(0x4E00 + i) for i in range(2000)]
    base = ["".join(rng.choices(signs, k=60)) for _ in range(100)]
    labels = [rng.choice("甲乙") for _ in base]
    report = evaluate.evaluate(base * 4, labels * 4)
    assert report.groups == 100
    assert report.accuracy < 0.75


def test_the_report_adds_up() -> None:
    texts, labels = invented(1500, 9)
    report = evaluate.evaluate(texts, labels)
    assert report.texts == 1500 == sum(c.texts for c in report.classes)
    assert report.macro_f1 == pytest.approx(np.mean([c.f1 for c in report.classes]))
    assert report.accuracy <= report.top2 <= 1
    assert 0 <= report.routed <= 1
    assert f"macro-F1  {report.macro_f1:.4f}" in str(report)


def test_labels_with_too_few_texts_are_left_out_by_name() -> None:
    texts, labels = invented(600, 10)
    report = evaluate.evaluate([*texts, "只有一条"], [*labels, "罕见"])
    assert "罕见" in report.left_out
    assert "罕见" in str(report)
    with pytest.raises(BadInput, match="两种类别"):
        evaluate.evaluate(["一", "二"], ["a", "b"])
