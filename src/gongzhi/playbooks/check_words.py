"""Whether every name has its word in every language, and no word is left without a name."""

from collections.abc import Iterator

from gongzhi.playbooks.problems import Problem, nearest
from gongzhi.playbooks.schema import Playbook, Words


def check(pb: Playbook) -> Iterator[Problem]:
    """The slips of `strings/`."""
    for language in ("zh-Hans", "en"):
        words = pb.strings.get(language)
        file = f"strings/{language}.toml"
        if words is None:
            yield Problem("no_file", file, "没有这个文件", "补上这个文件")
        else:
            yield from _words(pb, words, file)


def needed(pb: Playbook) -> dict[str, set[str]]:
    """What must have a word, by table of the file."""
    reasons = {r for s in pb.stages if s.deadline for r in s.deadline.pause_on}
    return {
        "levels": {level.id for level in pb.levels},
        "roles": {role.id for role in pb.roles},
        "stages": {stage.id for stage in pb.stages},
        "reasons": reasons,
        "topics": set(pb.climb.topics) if pb.climb else set(),
        "measures": {measure.id for measure in pb.measures},
    }


def _words(pb: Playbook, words: Words, file: str) -> Iterator[Problem]:
    for table, ids in needed(pb).items():
        written: dict[str, object] = getattr(words, table)
        where = f"{file} · {table}"
        for missing in sorted(ids - set(written)):
            what = f"“{missing}”还没有写名称"
            yield Problem("word_missing", where, what, f'{missing} = "……"')
        for extra in sorted(set(written) - ids):
            guess = nearest(extra, tuple(sorted(ids)))
            what = f"“{extra}”在 playbook.toml 里没有"
            yield Problem(
                "word_unused", where, what, "改成现有的编号，或删掉", tuple(sorted(ids)), guess
            )
    yield from _empty(words, file)


def _empty(words: Words, file: str) -> Iterator[Problem]:
    def texts(data: dict[str, object], path: str) -> Iterator[tuple[str, str]]:
        for key, value in data.items():
            if isinstance(value, dict):
                yield from texts(value, f"{path} → {key}" if path else key)
            elif key != "who":
                yield (f"{path} → {key}" if path else key), str(value)

    for path, text in texts(words.model_dump(), ""):
        if not text.strip():
            yield Problem("word_empty", f"{file} · {path}", "是空的", "写上给村民看的话")
