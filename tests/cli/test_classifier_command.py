"""`gongzhi classifier train|evaluate FILE.csv`."""

import csv
from pathlib import Path
from random import Random

import pytest

from gongzhi.cli.classifier import main
from gongzhi.matters.suggest import classifier, corpus, taxonomy


def write(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    rng = Random(1)
    with path.open("w", encoding=encoding, newline="") as file:
        table = csv.writer(file, delimiter=delimiter)
        table.writerow(["label", "text"])
        for _ in range(400):
            title, body, code = corpus.invent(rng)
            table.writerow([taxonomy.class_of(code), f"{title}\n{body}"])
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_training_writes_a_model_that_suggests(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "m.npz"
    table = write(tmp_path / "a.csv", encoding)
    assert main(["train", str(table), "--model", str(out)]) == 0
    assert "400条" in capsys.readouterr().out
    assert classifier.Model.load(out).suggest("垃圾桶满了")[0].label == "environment"


def test_evaluating_prints_the_measures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(write(tmp_path / "a.csv", delimiter="\t"))]) == 0
    printed = capsys.readouterr().out
    for word in ("accuracy", "macro-F1", ">= 98% right", "environment"):
        assert word in printed


def test_rows_without_text_or_label_are_skipped_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path / "a.csv")
    with table.open("a", encoding="utf-8") as file:
        file.write("labour,\n,路灯\nlabour\n\n")
    assert main(["evaluate", str(table)]) == 0
    assert "3行" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "第一行要有列名text"),
        (b"text,kind\n1,2\n", "第一行要有列名label"),
        (b"text,label\n", "没有可用的行"),
        (b"text,label\n\xff\xff\xfe\xff\n", "既不是UTF-8也不是GBK"),
        ("text,label\n路灯,a\n".encode(), "两种类别"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_sentence(
    tmp_path: Path, content: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "a.csv"
    table.write_bytes(content)
    assert main(["train", str(table), "--model", str(tmp_path / "m.npz")]) == 1
    assert sentence in capsys.readouterr().err


def test_a_missing_file_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path / "no.csv")]) == 1
    assert "打不开" in capsys.readouterr().err
