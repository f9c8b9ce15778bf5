"""Whose signatures make a checkpoint good: C2SP tlog-policy, k of n in groups of groups."""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from gongzhi.log import notes
from gongzhi.log.notes import BadNote, Verifier

_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


LOG_KINDS = (notes.ED25519, notes.ML_DSA_44, notes.OTHER)


@dataclass
class Policy:
    """Logs, witnesses by their name in the file, groups, and the name that must be fulfilled."""

    logs: list[Verifier] = field(default_factory=list)
    witnesses: dict[str, Verifier] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""
    urls: dict[str, str] = field(default_factory=dict)  # of witnesses that are asked

    def fulfilled(self, signed: Set[Verifier]) -> bool:
        """Whether these witnesses are enough."""
        return self.quorum == "none" or self._by(self.quorum, signed)

    def enough(self, signed: Iterable[Verifier]) -> list[Verifier]:
        """As few of them as fulfil the quorum, in the order given; all if they do not."""
        kept = list(signed)
        if not self.fulfilled(set(kept)):
            return kept
        for key in reversed(list(kept)):
            fewer = [other for other in kept if other != key]
            if self.fulfilled(set(fewer)):
                kept = fewer
        return kept

    def _by(self, name: str, signed: Set[Verifier]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signed
        least, members = self.groups[name]
        return sum(self._by(member, signed) for member in members) >= least


def parse(text: str) -> Policy:
    """Read a policy file; BadNote names the line that is wrong."""
    policy, used = Policy(), set[str]()
    if any((ord(letter) < 32 and letter not in "\t\n") or letter == "\x7f" for letter in text):
        raise BadNote("control characters in a policy")
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            _read(policy, words, used)
        except BadNote as error:
            raise BadNote(f"line {number}: {error}") from None
    if not policy.quorum:
        raise BadNote("a policy has one quorum line")
    return policy


def _read(policy: Policy, words: list[str], used: set[str]) -> None:
    match words:
        case ["log", vkey, *rest] if len(rest) <= 1:
            policy.logs.append(_new_key(vkey, policy.logs, LOG_KINDS))
        case ["witness", name, vkey, *rest] if len(rest) <= 1:
            kinds = (notes.COSIGNATURE, notes.ML_DSA_44)
            key = _new_key(vkey, policy.witnesses.values(), kinds)
            policy.witnesses[_new_name(policy, name)] = key
            if rest:
                policy.urls[name] = rest[0]
        case ["group", name, least, first, *others]:
            members = (first, *others)
            for member in members:
                if member not in policy.witnesses and member not in policy.groups:
                    raise BadNote(f"{member} is not defined above")
                if member in used:
                    raise BadNote(f"{member} is a member twice")
                used.add(member)
            policy.groups[_new_name(policy, name)] = (_least(least, len(members)), members)
        case ["quorum", name]:
            if policy.quorum:
                raise BadNote("a second quorum line")
            if name != "none" and name not in policy.witnesses and name not in policy.groups:
                raise BadNote(f"{name} is not defined above")
            policy.quorum = name
        case _:
            raise BadNote("this line cannot be read")


def _new_key(vkey: str, others: Iterable[Verifier], kinds: tuple[int, ...]) -> Verifier:
    key = Verifier.parse(vkey)
    if key.type not in kinds:
        raise BadNote("the key is of a type that does not belong here")
    if any(key.public == other.public for other in others):
        raise BadNote("the same key twice")
    return key


def _new_name(policy: Policy, name: str) -> str:
    if name == "none" or name in policy.witnesses or name in policy.groups:
        raise BadNote(f"the name {name} is taken")
    return name


def _least(word: str, members: int) -> int:
    least = {"all": members, "any": 1}.get(word)
    if least is None:
        least = int(word) if _NUMBER.fullmatch(word) else 0
    if not 1 <= least <= members:
        raise BadNote(f"{word} of {members} cannot be")
    return least
