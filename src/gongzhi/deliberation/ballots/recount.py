#!/usr/bin/env python3
"""Count a board of ballots again. Needs Python 3.9 or newer and nothing else.

    python3 recount.py board.json                  count, judge, compare, check the root
    python3 recount.py board.json --receipt CODE   also: is my ballot there, and what does it say

重新计票：python3 recount.py board.json [--receipt 回执码]。只要有 Python，谁都能算一遍。

What it checks: every ballot is one vote the method allows; receipts are different; the ballots
stand in the order of their hashes; the Merkle root (RFC 6962, SHA-256) over the head and all
ballots is the one published; the sums, the quorum, the majority and the verdict are what comes
out when one counts. It exits 0 when all of it holds and 1 when anything does not.
"""

from __future__ import annotations

import hashlib
import json
import sys
from fractions import Fraction
from typing import Any

Data = dict[str, Any]

FORMAT = "gongzhi-ballots-1"
ABSTAIN = "abstain"


def canonical(value: Any) -> bytes:
    """The bytes that are hashed: JSON without spaces, keys sorted, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def root_of(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes; of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node_hash(root_of(leaves[:middle]), root_of(leaves[middle:]))


def path_of(leaves: list[bytes], index: int) -> list[bytes]:
    """The audit path of a leaf (RFC 6962 section 2.1.1), from the leaf upwards."""
    if len(leaves) <= 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*path_of(leaves[:middle], index), root_of(leaves[middle:])]
    return [*path_of(leaves[middle:], index - middle), root_of(leaves[:middle])]


def root_by_path(leaf: bytes, index: int, count: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its audit path lead to (RFC 9162 section 2.1.3.2)."""
    at, last, here = index, count - 1, leaf
    for beside in path:
        if at % 2 or at == last:
            here = node_hash(beside, here)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            here = node_hash(here, beside)
        at, last = at // 2, last // 2
    return here


def receipt_hash(motion: int, code: str) -> str:
    """What a receipt code is on the board. Dashes, spaces and small letters do not count."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(f"gongzhi receipt {motion} {plain}".encode()).hexdigest()


def board(head: Data, ballots: list[Data]) -> Data:
    """The published board: ballots in the order of their leaf hashes, and the root over all."""
    ordered = sorted(ballots, key=lambda ballot: leaf_hash(canonical(ballot)))
    made = {"format": FORMAT, "head": head, "ballots": ordered}
    return {**made, "root": root_of(leaves_of(made)).hex()}


def leaves_of(published: Data) -> list[bytes]:
    """The leaf hashes: the head first, then the ballots as they stand."""
    parts = [published["head"], *published["ballots"]]
    return [leaf_hash(canonical(part)) for part in parts]


# --- counting -------------------------------------------------------------------------------------


def allowed(head: Data, choice: list[str]) -> bool:
    """Whether that is a vote the method knows."""
    known = [option["id"] for option in head["options"]]
    most = head["most"] if head["method"] == "multiple" else len(known)
    if head["method"] in ("for_against", "single") or ABSTAIN in choice:
        most = 1
    return (
        1 <= len(choice) <= most and len(set(choice)) == len(choice) and set(choice) <= set(known)
    )


def sums(head: Data, ballots: list[Data]) -> Data:
    """Votes and area of every option, raised hands included."""
    votes = {option["id"]: {"votes": 0, "area": 0} for option in head["options"]}
    for option, hands in head["hands"].items():
        votes[option]["votes"] += hands
    for ballot in ballots:
        for option in ballot["choice"]:
            votes[option]["votes"] += 1
            votes[option]["area"] += ballot.get("area", 0)
    return votes


def enough(part: Data, have: int, of: int) -> bool:
    """One share, judged exactly."""
    share = Fraction(part["share"]) * of
    reached = not Fraction(part["share"]) or (have > share if part["op"] == ">" else have >= share)
    return of > 0 and reached and have >= part["least"]


def there(roll: Data, base: str) -> tuple[int, int]:
    """Who is there, of how many."""
    pairs = {
        "households": ("households_present", "households"),
        "area": ("area_present", "area"),
        "participating": ("participating", "present"),
        "present": ("participating", "present"),
    }
    have, of = pairs.get(base, ("present", "members"))
    return roll[have], roll[of]


def quorum(rule: Data, roll: Data) -> bool:
    """Whether a decision can be taken at all."""
    any_of = [enough(part, *there(roll, part["of"])) for part in rule["quorum_any_of"]]
    all_of = [enough(part, *there(roll, part["of"])) for part in rule["quorum_all_of"]]
    return (not any_of or any(any_of)) and all(all_of)


def agreed(rule: Data, roll: Data, got: Data) -> bool:
    """Whether an option has every share that it needs."""
    for part in rule["pass_all_of"]:
        in_area = part["of"] in ("area", "participating_area")
        have = got["area"] if in_area else got["votes"]
        base = "members" if part["of"] == "heads" else part["of"]
        if not enough(part, have, roll[base]):
            return False
    return True


def verdict(head: Data, votes: Data) -> tuple[str, list[str]]:
    """("pass" | "fail" | "no_decision", the options that won)."""
    rule, roll = head["rule"], head["roll"]
    if not quorum(rule, roll):
        return "no_decision", []
    if head["method"] == "for_against":
        return ("pass", ["for"]) if agreed(rule, roll, votes["for"]) else ("fail", [])
    stand = [option["id"] for option in head["options"] if option["id"] != ABSTAIN]
    won = [option for option in stand if agreed(rule, roll, votes[option])]
    if head["method"] == "single" and won:
        best = max(votes[option]["votes"] for option in stand)
        top = [option for option in stand if votes[option]["votes"] == best]
        won = top if len(top) == 1 and top[0] in won else []
    return ("pass", won) if won else ("fail", [])


def problems(published: Data) -> list[str]:
    """Everything that does not hold, in words; empty when the board is right."""
    head, ballots, found = published["head"], published["ballots"], []
    if published.get("format") != FORMAT:
        found.append("this is not a board of that format / 不是这种格式的票榜")
    if not all(allowed(head, ballot["choice"]) for ballot in ballots):
        found.append("a ballot says what the method does not allow / 有的票不合投票方法")
    if len({ballot["receipt"] for ballot in ballots}) != len(ballots):
        found.append("two ballots carry the same receipt / 有两张票的回执相同")
    leaves = leaves_of(published)
    if leaves[1:] != sorted(leaves[1:]):
        found.append("the ballots are not in the order of their hashes / 票没有按校验值排列")
    if root_of(leaves).hex() != published["root"]:
        found.append("the root is another one / 总校验值对不上")
    votes, result = sums(head, ballots), head["result"]
    taken = len(ballots) + head["hands_voted"]
    if result["ballots"] != len(ballots) or head["roll"]["participating"] != taken:
        found.append("the number of ballots is another one / 票数对不上")
    if head["weighted"] and head["roll"]["participating_area"] != sum(b["area"] for b in ballots):
        found.append("the area of those who voted is another one / 投票的面积对不上")
    if result["votes"] != votes:
        found.append("the sums are other ones / 各项得票对不上")
    if verdict(head, votes) != (result["verdict"], result["won"]):
        found.append("the verdict is another one / 结论对不上")
    return found


def find(published: Data, code: str) -> tuple[int, Data] | None:
    """The ballot of a receipt code, proven to be under the root: (place on the board, ballot)."""
    wanted = receipt_hash(published["head"]["motion"], code)
    leaves = leaves_of(published)
    for index, ballot in enumerate(published["ballots"], 1):
        if ballot["receipt"] == wanted:
            path = path_of(leaves, index)
            proven = root_by_path(leaves[index], index, len(leaves), path)
            if proven.hex() == published["root"]:
                return index, ballot
    return None


WORDS = {
    "pass": "passed / 通过",
    "fail": "not passed / 未通过",
    "no_decision": "no decision: quorum missed / 人数不够，没有作出决定",
}


def say(*words: object) -> None:
    """A line on the screen."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def main(args: list[str]) -> int:
    """Read the board, count it, say what came out."""
    if not args or args[0] in ("-h", "--help"):
        say(__doc__)
        return 0 if args else 2
    with open(args[0], encoding="utf-8") as file:
        published = json.load(file)
    head, wrong = published["head"], problems(published)
    tell(published)
    for words in wrong:
        say("WRONG:", words)
    if "--receipt" in args[1:-1] and not tell_mine(published, args[args.index("--receipt") + 1]):
        wrong.append("receipt")
    say("OK" if not wrong else "NOT OK", head["motion"])
    return 1 if wrong else 0


def tell(published: Data) -> None:
    """What was counted, option by option, and what follows from it."""
    head = published["head"]
    votes, words = sums(head, published["ballots"]), words_of(head)
    say(head["title"])
    for option, got in votes.items():
        area = f" ({got['area'] / 100} m2)" if head["weighted"] else ""
        say(f"  {words[option]}: {got['votes']}{area}")
    came, won = verdict(head, votes)
    say(WORDS[came], *[words[option] for option in won])
    say("root", root_of(leaves_of(published)).hex())


def tell_mine(published: Data, code: str) -> bool:
    """Where the ballot of that receipt stands and what it says; whether it is there."""
    mine = find(published, code)
    if mine is None:
        say("receipt not found / 没有找到这张票")
        return False
    words = words_of(published["head"])
    said = "、".join(words[option] for option in mine[1]["choice"])
    say(f"your ballot / 您的票: no. {mine[0]}, {said}")
    return True


def words_of(head: Data) -> dict[str, str]:
    """The words of every option."""
    return {option["id"]: option["words"] for option in head["options"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
