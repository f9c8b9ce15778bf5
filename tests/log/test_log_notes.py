"""Signed notes, checkpoints, cosignatures, policies, witnesses and receipts, as C2SP has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.log import checkpoints, leaves, notes, policy, receipts, witness
from gongzhi.log.checkpoints import Checkpoint
from gongzhi.log.hashing import SHA256
from gongzhi.log.notes import BadNote, Signer, Verifier
from gongzhi.log.tree import Tree

# The example of Go's sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
SAID = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = SAID + (
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
LOG = Signer("county.example/log", notes.ED25519, bytes(32))
W1, W2, W3 = (Signer(f"village{n}.example", notes.COSIGNATURE, bytes([n]) * 32) for n in (1, 2, 3))
QUANTUM = Signer("county.example/log", notes.ML_DSA_44, bytes([9]) * 32)
AT = 1_764_000_000


def log_of(size: int) -> Tree:
    tree = Tree()
    tree.extend(SHA256.leaf(b"%d" % number) for number in range(size))
    return tree


def head(tree: Tree, size: int | None = None) -> Checkpoint:
    size = len(tree) if size is None else size
    return Checkpoint(LOG.name, size, tree.root(size))


def test_a_note_is_signed_and_read_as_in_the_published_example() -> None:
    assert str(notes.sign(SAID, [Signer.parse(PETERS)])) == SIGNED
    note = notes.parse(SIGNED)
    assert notes.verified(note, [Verifier.parse(PETER)])
    assert str(note) == SIGNED
    assert str(Verifier.parse(PETER)) == PETER
    assert Signer.parse(PETERS).secret() == PETERS


def test_a_private_key_is_never_printed() -> None:
    assert LOG.seed.hex() not in repr(LOG)
    assert "seed" not in repr(LOG)


@given(st.integers(0, len(SIGNED.encode()) - 1), st.integers(0, 7))
def test_no_changed_note_is_believed(at: int, bit: int) -> None:
    raw = bytearray(SIGNED.encode())
    raw[at] ^= 1 << bit
    try:
        signed = notes.verified(notes.parse(bytes(raw)), [Verifier.parse(PETER)])
    except BadNote:
        return
    assert not signed


@pytest.mark.parametrize("raw", [
    "", "text\n", "text\n\n", SAID + "\n- PeterNeumann x08go\n", SAID + "\n— a b c\n",
    SIGNED[:-1], SIGNED.replace("If", "\tIf"), SAID + "\n— +x AAAAAAAA\n", b"\xff\n\n",
    SAID + "\n— Peter x08gp/\n", SAID + "\n" + "— a AAAAAAAA\n" * 65,
])  # fmt: skip
def test_what_is_no_note_is_refused(raw: str | bytes) -> None:
    with pytest.raises(BadNote):
        notes.parse(raw)


def test_lines_of_unknown_keys_are_ignored_and_a_false_line_of_a_known_key_is_not() -> None:
    stranger = Signer.new("stranger.example")
    both = notes.sign("words\n", [stranger, LOG])
    assert set(notes.verified(both, [LOG.verifier])) == {LOG.verifier}
    false = notes.Note("other\n", both.lines)
    with pytest.raises(BadNote):
        notes.verified(false, [LOG.verifier])
    assert not notes.verified(false, [W1.verifier])


@pytest.mark.parametrize("vkey", [
    PETER.replace("c74f20a3", "c74f20a4"), "a+b", PETER[:-4], PETER.replace("Peter", "Pe ter"),
    "x+00000000+" + notes.b64(b"\x77" + bytes(32)),
])  # fmt: skip
def test_a_key_whose_id_is_not_its_own_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(vkey)


def test_a_checkpoint_carries_the_log_its_witnesses_and_a_quantum_safe_line() -> None:
    tree = log_of(9)
    note = checkpoints.sign(head(tree), [LOG, QUANTUM], AT)
    raw = str(note) + str(checkpoints.cosign(head(tree), W1, AT))
    found, by_log, by_witness = checkpoints.opened(
        raw, [LOG.verifier, QUANTUM.verifier], [W1.verifier, W2.verifier]
    )
    assert found == head(tree)
    assert set(by_log) == {LOG.verifier, QUANTUM.verifier}
    assert {key.name: checkpoints.seconds(line) for key, line in by_witness.items()} == {
        W1.name: AT
    }


def test_a_cosignature_is_of_its_time() -> None:
    made = checkpoints.cosign(head(log_of(3)), W1, AT)
    later = made._replace(signature=(AT + 1).to_bytes(8, "big") + made.signature[8:])
    raw = str(checkpoints.sign(head(log_of(3)), [LOG], AT))
    with pytest.raises(BadNote):
        checkpoints.opened(raw + str(later), [LOG.verifier], [W1.verifier])


@pytest.mark.parametrize("text", [
    "o\n1\n", "o\n01\n" + "A" * 43 + "=\n", "o\n-1\n" + "A" * 43 + "=\n", "o\n1\nAAAA\n",
    "o\n1\n" + "A" * 43 + "=\n\nx\n", "o\n1\n" + "A" * 42 + "B=\n",
])  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        checkpoints.parse_text(text)


def a_policy(quorum: str = "both") -> policy.Policy:
    return policy.parse(f"""
# the county's log and who watches it
log {LOG.verifier}
witness 一村 {W1.verifier} https://village.example
witness two {W2.verifier}
witness three {W3.verifier}
group committee 2 一村 two
group both all committee three
quorum {quorum}
""")


def test_a_quorum_is_k_of_n_in_groups() -> None:
    both = a_policy()
    signed = {W1.verifier, W2.verifier, W3.verifier}
    assert both.fulfilled(signed)
    assert not any(both.fulfilled(signed - {key}) for key in signed)
    assert a_policy("none").fulfilled(set())
    assert a_policy("committee").enough([W3.verifier, W1.verifier, W2.verifier]) == [
        W1.verifier, W2.verifier,
    ]  # fmt: skip
    assert both.urls == {"一村": "https://village.example"}


@pytest.mark.parametrize("line", [
    "quorum none\nquorum none", "group g 3 a b\nquorum g", "quorum nobody", "", "group none any a",
    "group g any a\ngroup h any a\nquorum g", "group g 0 a\nquorum g", "witness a {w}\nquorum a",
    "witness b {same}\nquorum a", "log {w}\nquorum a", "nonsense\nquorum a", "quorum a\x0c",
])  # fmt: skip
def test_a_policy_that_cannot_be_meant_is_refused(line: str) -> None:
    line = line.format(w=W3.verifier, same=W1.verifier)
    with pytest.raises(BadNote):
        policy.parse(f"witness a {W1.verifier}\n{line}")


def asked(tree: Tree, old: int, size: int | None = None) -> witness.Asked:
    note = checkpoints.sign(head(tree, size), [LOG], AT)
    return witness.Asked(old, tuple(tree.consistency(old, size)), str(note))


KNOWN = {LOG.name: [LOG.verifier]}


def test_a_witness_follows_a_log_that_only_grows() -> None:
    tree, seen = log_of(40), witness.Seen()
    for size in (1, 5, 5, 8, 40):
        request = witness.parse(asked(tree, seen.size, size).text())
        given_ = witness.answer(request, KNOWN, seen, [W1], AT)
        assert given_.status == 200
        assert given_.seen == witness.Seen(size, tree.root(size))
        raw = request.checkpoint + given_.body
        assert checkpoints.opened(raw, [LOG.verifier], [W1.verifier])[2]
        seen = given_.seen


def test_a_witness_refuses_a_fork_and_what_it_cannot_check() -> None:
    honest, forged = log_of(40), Tree()
    forged.extend(SHA256.leaf(b"f") for _ in range(50))
    seen = witness.Seen(20, honest.root(20))

    def status(request: witness.Asked, kept: witness.Seen = seen) -> int:
        return witness.answer(request, KNOWN, kept, [W1], AT).status

    assert status(asked(forged, 20)) == 422
    assert status(asked(forged, 20, 20)) == 409
    assert status(asked(honest, 20)._replace(proof=())) == 422
    assert status(asked(honest, 0, 0), witness.Seen()) == 200
    assert status(asked(honest, 0)._replace(proof=(bytes(32),)), witness.Seen()) == 422
    stale = witness.answer(asked(honest, 10), KNOWN, seen, [W1], AT)
    assert (stale.status, stale.body) == (409, "20\n")
    assert status(asked(honest, 20)._replace(old=41)) == 400
    assert witness.answer(asked(honest, 20), {}, seen, [W1], AT).status == 404
    unsigned = str(checkpoints.sign(head(honest), [Signer.new(LOG.name)], AT))
    assert status(witness.Asked(20, (), unsigned)) == 403


@pytest.mark.parametrize("body", ["", "old 1\n", "old x\n\n", "old 01\n\nc", "old 1\nAA==\n\nc",
                                  "old 1" + "\n" + ("A" * 43 + "=\n") * 64 + "\nc"])  # fmt: skip
def test_what_is_no_request_to_a_witness_is_refused(body: str) -> None:
    with pytest.raises(BadNote):
        witness.parse(body)


def a_leaf(number: int = 1) -> bytes:
    who = leaves.commitment(bytes(32), "account:七".encode())
    return leaves.encode(
        "ledger.transfer", f"transfer:{number}", AT * 1_000_000,
        {"amount": 5, "code": "earn", "credit": who, "debit": SHA256.leaf(b"budget"),
         "key": bytes(16), "rule": "environment.yard@3", "unit": "points"},
    )  # fmt: skip


def test_an_entry_has_one_way_to_be_written() -> None:
    leaf = leaves.decode(a_leaf())
    assert leaf.fields["amount"] == 5
    assert leaf.kind == "ledger.transfer"
    lines = a_leaf().decode().split("\n")
    for bad in (
        [*lines[:4], lines[5], lines[4], *lines[6:]], [*lines[:4], "amount i 05", *lines[5:]],
        lines[:-1], [lines[0], "nonsense", *lines[2:]], [*lines[:5], lines[4], *lines[5:]],
        [*lines[:4], "amount i -0", *lines[5:]], ["gongzhi/2", *lines[1:]],
    ):  # fmt: skip
        with pytest.raises(BadNote):
            leaves.decode("\n".join(bad).encode())


FIELDS = st.dictionaries(
    st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z"),
    st.one_of(
        st.integers(-(10**18), 10**18), st.binary(max_size=64),
        st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40),
    ),
    max_size=6,
)  # fmt: skip


@given(FIELDS, FIELDS)
def test_entries_are_read_as_written_and_differ_when_their_facts_differ(
    one: dict[str, leaves.Value], other: dict[str, leaves.Value]
) -> None:
    written = leaves.encode("a.b", "x", 1, one)
    assert leaves.decode(written).fields == one
    assert (written == leaves.encode("a.b", "x", 1, other)) == (one == other)


@pytest.mark.parametrize("value", [True, 1.5, None, "two\nlines", "bell\a"])
def test_what_cannot_be_written_in_one_way_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"field|characters"):
        leaves.encode("a.b", "x", 1, {"field": value})  # type: ignore[dict-item]


def test_a_receipt_shows_the_entry_to_anybody_and_opens_only_what_its_holder_gives() -> None:
    tree = log_of(30)
    tree.append(a_leaf())
    note = checkpoints.sign(head(tree), [LOG], AT)
    opening = receipts.Opening("credit", bytes(32), "account:七")
    made = receipts.Receipt(a_leaf(), 30, tuple(tree.inclusion(30)), str(note), (opening,))
    read = receipts.parse(made.text())
    assert read == made
    assert read.stands(31, tree.root())
    assert read.opened() == {"credit": "account:七"}
    assert not read._replace(index=29).stands(31, tree.root())
    assert not read._replace(leaf=a_leaf(2)).stands(31, tree.root())
    with pytest.raises(BadNote):
        read._replace(openings=(opening._replace(value="account:八"),)).opened()


def test_a_receipt_is_below_two_thousand_bytes_in_a_log_of_a_million() -> None:
    million = 1_000_000
    path = tuple(bytes([number]) * 32 for number in range(20))
    at_million = Checkpoint(LOG.name, million, bytes(32))
    note = str(checkpoints.sign(at_million, [LOG, QUANTUM], AT))
    note += "".join(str(checkpoints.cosign(at_million, w, AT)) for w in (W1, W2, W3))
    committee = a_policy("committee")
    _, by_log, by_witness = checkpoints.opened(note, committee.logs, committee.witnesses.values())
    kept = [*by_log.values(), *(by_witness[key] for key in committee.enough(by_witness))]
    small = receipts.with_lines(note, kept)
    opening = receipts.Opening("credit", bytes(32), "account:123456")
    text = receipts.Receipt(a_leaf(999_999), 999_999, path, small, (opening,)).text()
    assert len(text.encode()) < 2000


def test_a_promise_is_a_note_of_the_log() -> None:
    made = receipts.Promise(LOG.name, SHA256.leaf(a_leaf()), AT, AT + receipts.WITHIN)
    note = made.signed(LOG)
    read, back = receipts.parse_promise(str(note))
    assert read == made
    assert notes.verified(back, [LOG.verifier])
    with pytest.raises(BadNote):
        receipts.parse_promise(str(checkpoints.sign(head(log_of(3)), [LOG], AT)))
    with pytest.raises(BadNote):
        checkpoints.parse(str(note))
