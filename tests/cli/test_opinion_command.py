"""`gongzhi opinion VOTES.csv`: files as people have them, and errors that name the line."""

import json
from pathlib import Path

import pytest

from gongzhi.cli.opinion import main
from gongzhi.cli.say import Trouble

ROWS = [
    (voter, statement, 1 if (voter < 12) == (statement < 4) else -1)
    for voter in range(20)
    for statement in range(9)
]


def table(header: str = "voter,statement,vote,time", mark: str = ",") -> str:
    lines = [
        mark.join(map(str, (voter, statement, vote, 1000 + at)))
        for at, (voter, statement, vote) in enumerate(ROWS)
    ]
    return "\n".join([header.replace(",", mark), *lines])


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "votes.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (table(), "utf-8"),
        (table(), "utf-8-sig"),
        (table(), "utf-16"),
        (table("Voter,STATEMENT,Vote,Time"), "utf-8"),
        (table("voter-id,comment-id,vote,timestamp"), "utf-8"),
        (table("投票人,观点,表态,时间"), "gbk"),
        (table(mark=";"), "utf-8"),
        (table(mark="\t"), "utf-8"),
        (table().replace("\n", "\r\n"), "utf-8"),
        (table() + "\n\n\n", "utf-8"),
    ],
)
def test_votes_are_read_as_people_save_them(
    tmp_path: Path, text: str, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = told(capsys, written(tmp_path, text, encoding))
    assert answer["format"] == "gongzhi-opinion/1"
    assert answer["k"] == 2
    assert answer["sizes"] == [12, 8]
    assert answer["groups"]["3"] == 0  # type: ignore[index]
    assert answer["groups"]["15"] == 1  # type: ignore[index]


def test_columns_in_any_order_and_words_for_votes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {1: "同意", -1: "不同意"}
    lines = [f"{words[vote]},第{s}条,{s},甲{v}" for v, s, vote in ROWS]
    path = written(tmp_path, "\n".join(["vote,text,statement,voter", *lines]))
    answer = told(capsys, path)
    assert answer["sizes"] == [12, 8]
    assert answer["scores"]["3"]["text"] == "第3条"  # type: ignore[index]


def test_a_changed_vote_counts_as_last_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, table() + "\n0,0,-1,5000\n1,0,-1,2026-03-01 09:30:00")
    answer = told(capsys, path)
    assert answer["changed"] == 2
    assert answer["scores"]["0"]["agree"] == 10  # type: ignore[index]


def test_moderation_is_taken_from_a_column_from_the_list_beside_or_from_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comments = "comment-id,moderated,is-meta,comment-body\n0,-1,false,甲\n1,1,true,乙\n2,1,false,丙"
    written(tmp_path, comments, name="comments.csv")
    exported = written(tmp_path, table("voter-id,comment-id,vote,timestamp"))
    assert told(capsys, exported)["moderated_out"] == ["0", "1"]
    assert told(capsys, str(tmp_path))["moderated_out"] == ["0", "1"]
    ours = written(tmp_path, table(), name="ours.csv")
    assert told(capsys, ours)["moderated_out"] == []
    listed = told(capsys, ours, "--statements", str(tmp_path / "comments.csv"), "--out", "5, 6")
    assert listed["moderated_out"] == ["0", "1", "5", "6"]
    lines = [f"{v},{s},{vote},{-1 if s == 8 else 1}" for v, s, vote in ROWS]
    held = written(tmp_path, "\n".join(["voter,statement,vote,moderated", *lines]), name="m.csv")
    assert told(capsys, held)["moderated_out"] == ["8"]


def test_the_matrix_of_an_export_is_read_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "participant,group-id,n-votes," + ",".join(str(s) for s in range(9))
    lines = [
        f"{v},,9," + ",".join(str(vote) if s != v else "" for w, s, vote in ROWS if w == v)
        for v in range(20)
    ]
    path = written(tmp_path, "\n".join([header, *lines]), name="participants-votes.csv")
    answer = told(capsys, path)
    assert (answer["voters"], answer["votes"]) == (20, 180 - 9)
    assert answer["sizes"] == [12, 8]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "缺少"),
        ("voter,statement,vote", "没有一次表态"),
        ("voter,vote\n1,1", "statement"),
        ("voter,statement,vote\n1,1,1\n1,2,5", "第3行的表态是“5”"),
        ("voter,statement,vote\n1,1,", "第2行的表态是“”"),
        ("voter,statement,vote\n1,1", "第2行只有2列"),
        ("voter,statement,vote\n,1,1", "第2行没有写投票人"),
        ("voter,statement,vote\n1, ,1", "第2行没有写观点"),
        ("voter,statement,vote,time\n1,1,1,昨天", "第2行的时间“昨天”"),
        ("voter,statement,vote,time\n1,1,1,nan", "第2行的时间"),
        ("voter,participant,statement,vote\n1,1,1,1", "两列"),
    ],
)
def test_an_error_names_the_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Trouble, match=words):
        main([written(tmp_path, text)])


def test_a_file_that_is_not_there_or_not_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="打不开"):
        main([str(tmp_path / "nothing.csv")])
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04\x00\x00\x00\x00")
    with pytest.raises(Trouble, match="不是文本"):
        main([str(tmp_path / "x.csv")])


def test_without_json_a_text_for_people_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGZHI_LANG", "zh_CN")
    assert main([written(tmp_path, table()), "--k", "2"]) == 0
    printed = capsys.readouterr().out
    assert "20人对9条观点表过态" in printed
    assert "A组12人、B组8人" in printed
    assert "A组与别组不同：" in printed
