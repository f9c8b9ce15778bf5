"""SM2 lines below the heads of the log: signed and checked with the library, else left alone."""

import builtins
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gongzhi.cli import log as cli
from gongzhi.log import actions, checkpoints, jobs, keys, notes, queries, sm2
from gongzhi.log.notes import BadNote, Signer, Verifier
from gongzhi.log.sm2 import ALGORITHM, Sm2
from gongzhi.log.verifier import gongzhi_verify

LOG = Signer("county.example/log", notes.ED25519, bytes(range(32)))
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
# GM/T 0003.5-2012, annex A.2: key pair, message, and the signature it prints.
POINT = (
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
PRINTED = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
gm = pytest.mark.skipif(not sm2.installed(), reason="gongzhi[gm] is not installed")


@gm
def test_the_signature_printed_in_the_standard_holds_and_no_other() -> None:
    public, raw = ALGORITHM + bytes.fromhex(POINT), bytes.fromhex(PRINTED)
    assert Sm2().verify(public, b"message digest", raw)
    assert not Sm2().verify(public, b"message digesT", raw)
    assert not Sm2().verify(public, b"message digest", raw[:-1] + b"\0")
    assert not Sm2().verify(public, b"message digest", bytes(64))
    assert not Sm2().verify(public, b"message digest", raw[1:])
    assert not Sm2().verify(bytes.fromhex(POINT), b"message digest", raw)


@gm
def test_signatures_with_short_numbers_are_64_bytes_too() -> None:
    signer = Signer.new("county.example/log", notes.OTHER)
    for number in range(300):  # every 128th r or s begins with a zero byte
        message = str(number).encode()
        line = signer.line(message)
        assert len(line.signature) == 64
        assert signer.verifier.holds(message, line.signature)


@gm
def test_keys_are_written_and_read_again_and_damaged_ones_are_not() -> None:
    signer = Signer.new("county.example/log", notes.OTHER)
    assert Signer.parse(signer.secret()) == signer
    assert Verifier.parse(str(signer.verifier)) == signer.verifier
    with pytest.raises(BadNote):
        Signer.parse(signer.secret()[:-8])
    with pytest.raises(BadNote, match="algorithm"):
        Verifier.parse(str(Verifier("county.example/log", notes.OTHER, b"other" + bytes(64))))


@gm
def test_a_head_with_sm2_and_quantum_safe_lines_is_good_for_readers_of_each() -> None:
    gm_key, pq_key = (Signer.new(LOG.name, kind) for kind in (notes.OTHER, notes.ML_DSA_44))
    head = checkpoints.Checkpoint(LOG.name, 7, bytes(32))
    note = checkpoints.sign(head, [LOG, gm_key, pq_key], 1_800_000_000)
    for key in (LOG, gm_key, pq_key):
        assert set(checkpoints.verified(head, note, [key.verifier])) == {key.verifier}
    policy = gongzhi_verify.parse_policy(f"log {LOG.verifier}\nlog {gm_key.verifier}\nquorum none")
    read, _ = gongzhi_verify.open_checkpoint(str(note), policy)
    assert read["size"] == 7
    only_gm = gongzhi_verify.parse_policy(f"log {gm_key.verifier}\nquorum none")
    with pytest.raises(gongzhi_verify.Bad):  # a line it cannot check is no line
        gongzhi_verify.open_checkpoint(str(note), only_gm)
    forged = notes.Note(note.text.replace("\n7\n", "\n8\n"), note.lines)
    with pytest.raises(BadNote):
        checkpoints.verified(checkpoints.parse_text(forged.text), forged, [gm_key.verifier])


@gm
@pytest.mark.django_db
def test_a_key_added_on_the_command_line_signs_the_next_head(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = keys.signer()
    assert cli.main(["key", "sm2"]) == 0
    assert cli.main(["key", "ml-dsa-44"]) == 0
    assert [key.type for key in keys.signers()] == [notes.ED25519, notes.OTHER, notes.ML_DSA_44]
    assert keys.signer() == first
    assert stat.S_IMODE((tmp_path / keys.FILE).stat().st_mode) == 0o600
    actions.append(kind="matter.closed", subject="matter:1", fields={"n": 1}, at=NOW)
    jobs.sequence(at=NOW)
    head, note = checkpoints.parse(queries.checkpoint())
    known = [key.verifier for key in keys.signers()]
    assert set(checkpoints.verified(head, note, known)) == set(known)
    (tmp_path / "head").write_text(str(note), "utf-8")
    words = [f"--key={key}" for key in known[:2]]
    capsys.readouterr()
    assert cli.main(["signatures", str(tmp_path / "head"), *words]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == ["ed25519", "sm2", "?"]
    forged = str(note).replace("\n1\n", "\n2\n", 1)
    (tmp_path / "head").write_text(forged, "utf-8")
    assert cli.main(["signatures", str(tmp_path / "head"), *words]) == 1


def test_a_second_key_of_a_kind_and_a_log_whose_keys_are_elsewhere_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BadNote, match="kind"):
        keys.add(notes.ED25519)
    monkeypatch.setenv("GONGZHI_LOG_KEY", LOG.secret())
    with pytest.raises(BadNote, match="GONGZHI_LOG_KEY"):
        keys.add(notes.ML_DSA_44)


def test_without_the_library_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "gmssl_pyx":
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert not sm2.installed()
    with pytest.raises(sm2.NoLibrary, match=r"gongzhi\[gm\]"):
        Signer.new("county.example/log", notes.OTHER)
    key = Verifier("county.example/log", notes.OTHER, ALGORITHM + bytes.fromhex(POINT))
    note = notes.sign("words\n", [LOG])
    assert set(notes.verified(note, [LOG.verifier, key])) == {LOG.verifier}
