"""`gongzhi classifier`: learn categories from a table of texts, or measure how well that works."""

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from gongzhi.core.errors import BadInput, Refused
from gongzhi.matters.suggest import classifier, evaluate

_TEXT = ("text", "文字", "内容", "正文")
_LABEL = ("label", "类别", "分类", "标签")


def main(argv: Sequence[str]) -> int:
    """Run `train` or `evaluate`; 0 when done, 1 with a sentence on stderr when refused."""
    options = _parser().parse_args(list(argv))
    try:
        texts, labels, skipped = read_labelled(options.file)
        if skipped:
            print(f"{skipped}行没有文字或没有类别，已跳过。", file=sys.stderr)
        if options.verb == "evaluate":
            print(evaluate.evaluate(texts, labels))
        else:
            _train(texts, labels, options.model)
    except Refused as refused:
        print(f"{refused.words}{refused.todo}", file=sys.stderr)
        return 1
    return 0


def read_labelled(path: Path) -> tuple[list[str], list[str], int]:
    """Texts, labels and the number of rows that lack one of them.

    Reads CSV with the columns text and label in UTF-8 (with or without BOM) or GBK; BadInput says
    what is wrong with the file.
    """
    csv.field_size_limit(10_000_000)
    content = _decoded(path)
    # Tabs or semicolons when the first line has them rather than commas.
    delimiter = max(",\t;", key=content.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
        text_at, label_at = _column(header, _TEXT), _column(header, _LABEL)
        pairs = [_pair(row, text_at, label_at) for row in rows if row]
    except csv.Error as error:
        raise BadInput("file", f"“{path.name}”第{rows.line_num}行读不懂：{error}") from error
    kept = [(text, label) for text, label in pairs if text and label]
    if not kept:
        raise BadInput("file", f"“{path.name}”里没有可用的行。")
    return [text for text, _ in kept], [label for _, label in kept], len(pairs) - len(kept)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gongzhi classifier", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, does in (
        ("train", "learn from the table and write a model"),
        (
            "evaluate",
            "grouped five-fold: accuracy, macro-F1, per class, share that could be routed",
        ),
    ):
        verb = verbs.add_parser(name, help=does)
        verb.add_argument("file", type=Path, metavar="FILE.csv", help="columns: text,label")
        if name == "train":
            verb.add_argument("--model", type=Path, default=Path("classifier.npz"), metavar="OUT")
    return parser


def _train(texts: list[str], labels: list[str], out: Path) -> None:
    model = classifier.train(texts, labels)
    try:
        model.save(out)
    except OSError as error:
        raise BadInput("model", f"不能写入“{out}”：{error.strerror}。") from error
    print(f"学了{len(texts)}条文字、{len(model.labels)}种类别，模型写在{out}。")


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("file", f"打不开“{path}”：{error.strerror}。") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise BadInput("file", f"“{path.name}”既不是UTF-8也不是GBK编码的文字。请另存为CSV（UTF-8）。")


def _column(header: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    found = "、".join(header) or "什么也没有"
    raise BadInput("file", f"第一行要有列名{names[0]}（或{names[1]}），现在是：{found}。")


def _pair(row: list[str], text_at: int, label_at: int) -> tuple[str, str]:
    def cell(at: int) -> str:
        return row[at].strip() if at < len(row) else ""

    return cell(text_at), cell(label_at)
