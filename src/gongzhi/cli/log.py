"""`gongzhi log`: receipts, following, auditing and comparing a log, and being its witness.

receipt, follow, audit and compare are the stand-alone verifier itself; anchor and anchored are in
log_anchor; checkpoint, witness, key, forget, signatures and vectors are here. A witness on a
computer keeps its key and the last checkpoint in one folder. `key` adds a further algorithm to the
heads of this log; `signatures` says which lines below a head hold.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from gongzhi.cli import log_anchor, say
from gongzhi.cli.folder import Folder
from gongzhi.log import checkpoints, notes, witness
from gongzhi.log.notes import BadNote, Line, Note, Signer, Verifier
from gongzhi.log.sm2 import NoLibrary
from gongzhi.log.verifier import gongzhi_verify, vectors
from gongzhi.log.witness import Asked, Seen

CHECKS = ("receipt", "follow", "audit", "compare")
WRONG = "WRONG"


def main(argv: list[str]) -> int:
    """Run one of the commands; 0 nothing found, 1 something found, 2 could not be checked."""
    verb, rest = (argv[0], argv[1:]) if argv else ("", [])
    if verb in CHECKS:
        return int(gongzhi_verify.main(argv))  # type: ignore[no-untyped-call]
    if verb == "checkpoint":
        sys.stdout.write(_get(_site(rest), "newest"))
        return 0
    if verb == "vectors":
        vectors.FILE.write_text(
            json.dumps(vectors.made(), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
        return 0
    others = {
        "witness": _witness, "key": _add_key, "signatures": _signatures,
        "anchor": log_anchor.anchor, "anchored": log_anchor.anchored, "forget": _forget,
    }  # fmt: skip
    if verb in others:
        return others[verb](rest)
    known = "|".join((*CHECKS, "checkpoint", "vectors", *others))
    say.say(f"用法：gongzhi log {known}", f"usage: gongzhi log {known}")
    return 2


def _add_key(argv: list[str]) -> int:
    """One more key of the log, of an algorithm it has none of; prints the public key."""
    parser = argparse.ArgumentParser(prog="gongzhi log key")
    parser.add_argument("algorithm", choices=[n for n in notes.NAMES if n != "ed25519"])
    wanted = notes.NAMES[parser.parse_args(argv).algorithm]
    from gongzhi.log import keys

    try:
        made = keys.add(wanted)
    except (BadNote, NoLibrary) as error:
        raise say.Trouble(f"没有加上：{error}", f"no key added: {error}") from None
    say.say(f"加上了，下一份存证起签名：{made.verifier}", f"added, signs from now: {made.verifier}")
    return 0


def _forget(argv: list[str]) -> int:
    """Delete what tells whose an entry is, for somebody who asks to be deleted, for ever."""
    parser = argparse.ArgumentParser(prog="gongzhi log forget")
    parser.add_argument("owner", help="account:12, matter:7")
    parser.add_argument("--for-ever", action="store_true", required=True, help="cannot be undone")
    owner = parser.parse_args(argv).owner
    from gongzhi.cli import attach

    with attach.database(Folder(Path(os.environ["GONGZHI_DATA"])), "log"):
        import django

        django.setup()
        from gongzhi.log import actions

        if not actions.forget(owner):
            raise say.Trouble(f"没有 {owner} 的开启码。", f"there is nothing that opens {owner}")
    say.say(
        f"{owner} 的开启码已删除；旧的证明仍然成立。",
        f"what opened {owner} is gone; every proof still holds",
    )
    return 0


def _signatures(argv: list[str]) -> int:
    """Each line below a head: the algorithm when a key given holds it, "?" for a stranger's."""
    parser = argparse.ArgumentParser(prog="gongzhi log signatures")
    parser.add_argument("head", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a public key, as printed")
    args = parser.parse_args(argv)
    try:
        head, note = checkpoints.parse(args.head.read_text("utf-8"))
        known = [Verifier.parse(key) for key in args.key]
        said = [(_held(head, note, line, known), line.name) for line in note.lines]
    except (OSError, UnicodeDecodeError, BadNote, NoLibrary) as error:
        raise say.Trouble(f"读不了：{error}", f"cannot be checked: {error}") from None
    for words, name in said:
        print(words, name)
    return 1 if any(words == WRONG for words, _ in said) else 0


def _held(head: checkpoints.Checkpoint, note: Note, line: Line, known: list[Verifier]) -> str:
    """The algorithm of a line that holds."""
    try:
        found = checkpoints.verified(head, Note(note.text, (line,)), known)
    except BadNote:
        return WRONG
    names = {number: name for name, number in notes.NAMES.items()}
    return next((names.get(key.type, "?") for key in found), "?")


def _site(argv: list[str]) -> str:
    if not argv:
        raise say.Trouble("请写明地址，例如 https://county.example/log", "give the log's address")
    return argv[0].rstrip("/")


def _witness(argv: list[str]) -> int:
    """Look at a log, and sign its newest head if it grew out of the last one signed."""
    parser = argparse.ArgumentParser(prog="gongzhi log witness")
    parser.add_argument("site", help="https://county.example/log")
    parser.add_argument("--folder", type=Path, default=Path("witness"))
    parser.add_argument("--name", default="witness.example")
    parser.add_argument("--log-key", help="the log's public key, needed the first time")
    args = parser.parse_args(argv)
    args.folder.mkdir(parents=True, exist_ok=True)
    signer = _key(args.folder / "witness.key", args.name)
    try:
        return _look(args.site.rstrip("/"), args.folder, signer, args.log_key)
    except (urllib.error.URLError, BadNote) as error:
        raise say.Trouble(f"没有见证：{error}", f"nothing signed: {error}") from None


def _key(path: Path, name: str) -> Signer:
    if not path.exists():
        made = Signer.new(name, notes.COSIGNATURE)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(made.secret() + "\n")
        say.say(
            f"见证钥匙做好了，请登记：{made.verifier}", f"key made, to register: {made.verifier}"
        )
    return Signer.parse(path.read_text("ascii"))


def _look(site: str, folder: Path, signer: Signer, given: str | None) -> int:
    last = folder / "last.checkpoint"
    pinned = folder / "log.vkey"
    if not pinned.exists() and not given:
        raise say.Trouble("第一次要写 --log-key。", "the first time needs --log-key.")
    log = Verifier.parse(pinned.read_text("ascii") if pinned.exists() else str(given))
    raw = _get(site, "newest")
    head, _, _ = checkpoints.opened(raw, [log])
    seen = Seen()
    if last.exists():
        held, _, _ = checkpoints.opened(last.read_text("utf-8"), [log])
        seen = Seen(held.size, held.root)
    lines = _get(site, f"proof/{seen.size}/{head.size}") if seen.size < head.size else ""
    asked = Asked(seen.size, tuple(map(notes.unb64, lines.split())), raw)
    answer = witness.answer(asked, {log.name: [log]}, seen, [signer], int(time.time()))
    if answer.status != 200:
        evidence = folder / "evidence.checkpoint"
        if not evidence.exists():  # the first is never written over
            evidence.write_text(raw, "utf-8")
        say.say(
            "不签！这份存证和上次见证的对不上。两份都留下了，请作证据。",
            "refused: this log did not grow out of the one signed last; both are kept as evidence",
        )
        return 1
    draft = folder / "last.checkpoint.new"
    draft.write_text(raw, "utf-8")
    draft.replace(last)  # kept before it is given away
    pinned.write_text(str(log), "ascii")
    _post(site, f"{head.size}\n{answer.body}")
    say.say(f"已见证到第{head.size}条。", f"signed: {head.size} entries.")
    return 0


def _get(site: str, path: str) -> str:
    with urllib.request.urlopen(f"{site}/{path}", timeout=30) as answer:  # noqa: S310
        return str(answer.read().decode())


def _post(site: str, body: str) -> None:
    request = urllib.request.Request(f"{site}/cosignatures", body.encode(), method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass
