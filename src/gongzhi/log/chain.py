"""An EVM chain as one more witness of the log's heads, reached by web3.py.

Optional: `pip install gongzhi[chain]`, off unless GONGZHI_CHAIN_URL is set. No contract: the data
of a transaction from the anchor's own account to itself is a tag and SHA-256 of the text of a head,
42 bytes that say nothing of anybody. Any node, explorer or client of any EVM chain can show them.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gongzhi.log.checkpoints import Checkpoint

TAG = b"gongzhi/1 "
DEPTH = 12  # blocks on top, after which a chain is not expected to take one back
EVERY = 3600  # seconds between two anchors the worker makes
PATIENCE = 20  # seconds a node is given
BASE_GAS, BYTE_GAS = 21_000, 40  # a transaction; a byte of its data at most (EIP-7623)


class ChainTrouble(Exception):
    """Why a head was not written on the chain, in both languages of the terminal."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Setting:
    """Which chain, and how: from the environment."""

    url: str
    chain_id: int
    key: Path
    depth: int = DEPTH
    every: int = EVERY


class Place(NamedTuple):
    """Where a transaction stands: the block it is in, how many lie on top, seconds since 1970."""

    block: int
    block_hash: bytes
    above: int
    at: int


def data_of(head: Checkpoint) -> bytes:
    """What is written on the chain about a head."""
    return TAG + hashlib.sha256(head.text().encode()).digest()


def setting() -> Setting | None:
    """What the environment asks for; None when no chain is wanted. ChainTrouble if half is said."""
    url = os.environ.get("GONGZHI_CHAIN_URL", "")
    if not url:
        return None
    key = os.environ.get("GONGZHI_CHAIN_KEY", "")
    if not key:
        raise ChainTrouble("请用 GONGZHI_CHAIN_KEY 写明上链账户的密钥文件。",
                           "GONGZHI_CHAIN_KEY must name the file of the private key")  # fmt: skip
    return Setting(url, _number("GONGZHI_CHAIN_ID", 1), Path(key),
                   _number("GONGZHI_CHAIN_DEPTH", 0, DEPTH),
                   _number("GONGZHI_CHAIN_EVERY", 60, EVERY))  # fmt: skip


def _number(name: str, least: int, default: int | None = None) -> int:
    text = os.environ.get(name, "") or str(default or "")
    if not text.isdecimal() or int(text) < least:
        raise ChainTrouble(f"{name} 应当是不小于 {least} 的整数。",
                           f"{name} must be a whole number from {least} up")  # fmt: skip
    return int(text)


class Chain:
    """A node of a chain. Every method asks it, and may raise ChainTrouble."""

    def __init__(self, url: str, chain_id: int) -> None:
        web3, poa = _library()
        self._w3 = web3(web3.HTTPProvider(url, request_kwargs={"timeout": PATIENCE}))
        self._w3.middleware_onion.inject(poa, layer=0)  # consortium chains sign in their blocks
        self.id = chain_id
        with _asked():
            found = self._w3.eth.chain_id
        if found != chain_id:
            raise ChainTrouble(f"节点的链号是 {found}，不是 {chain_id}。",
                               f"the node is of chain {found}, not {chain_id}")  # fmt: skip

    def written(self, data: bytes, secret: str) -> tuple[bytes, bytes, str, int]:
        """A signed transaction, not sent: (its hash, its bytes, sender, the sender's number)."""
        account = _account(secret)
        with _asked():
            number = self._w3.eth.get_transaction_count(account.address, "pending")
            asked = {"from": account.address, "to": account.address, "value": 0, "data": data}
            gas = self._w3.eth.estimate_gas(asked) * 5 // 4
            fees = self._fees()
        least = BASE_GAS + BYTE_GAS * len(data)
        whole = {"to": account.address, "value": 0, "data": data, "nonce": number,
                 "chainId": self.id, "gas": max(gas, least), **fees}  # fmt: skip
        signed = account.sign_transaction(whole)
        return bytes(signed.hash), bytes(signed.raw_transaction), account.address, number

    def _fees(self) -> dict[str, int]:
        base = self._w3.eth.get_block("latest").get("baseFeePerGas")
        if base is None:  # a chain without EIP-1559
            return {"gasPrice": int(self._w3.eth.gas_price)}
        tip = int(self._w3.eth.max_priority_fee)
        return {"maxFeePerGas": 2 * int(base) + tip, "maxPriorityFeePerGas": tip}

    def send(self, raw: bytes) -> None:
        """Hand a signed transaction in. The same bytes again are the same transaction."""
        with _asked():
            self._w3.eth.send_raw_transaction(raw)

    def next_number(self, sender: str) -> int:
        """How many transactions of the sender are in blocks."""
        with _asked():
            return int(self._w3.eth.get_transaction_count(sender, "latest"))

    def data(self, tx: bytes) -> bytes | None:
        """The data of a transaction, in a block or waiting; None if the node does not know it."""
        from web3.exceptions import TransactionNotFound

        with _asked():
            try:
                return bytes(self._w3.eth.get_transaction(tx)["input"])
            except TransactionNotFound:
                return None

    def place(self, tx: bytes) -> Place | None:
        """Where it stands; None while it is in no block."""
        from web3.exceptions import TransactionNotFound

        with _asked():
            try:
                found = self._w3.eth.get_transaction_receipt(tx)
            except TransactionNotFound:
                return None
            number = int(found["blockNumber"])
            block = self._w3.eth.get_block(number)
            top = int(self._w3.eth.block_number)
        return Place(number, bytes(block["hash"]), max(0, top - number), int(block["timestamp"]))


def secret(path: Path) -> str:
    """The private key in a file that only its owner can read: 64 hexadecimal digits."""
    try:
        shared = path.stat().st_mode & 0o077
        text = path.read_text("ascii").strip().removeprefix("0x")
    except (OSError, UnicodeDecodeError) as error:
        raise ChainTrouble(f"密钥文件读不出来：{error}", f"cannot read the key: {error}") from None
    if shared:
        raise ChainTrouble(f"密钥文件别人也能读，请先 chmod 600 {path}",
                           f"others can read the key: chmod 600 {path}")  # fmt: skip
    if len(text) != 64 or set(text.lower()) - set("0123456789abcdef"):
        raise ChainTrouble("密钥文件里应当是64位十六进制数。",
                           "the key file must hold 64 hexadecimal digits")  # fmt: skip
    return text


def _account(key: str) -> Any:
    with _depth_kept():
        from eth_account import Account

    try:
        return Account.from_key(f"0x{key}")
    except Exception:  # whatever a library says of a key may hold the key
        raise ChainTrouble("密钥文件里不是一把私钥。", "the file holds no private key") from None


def _library() -> tuple[Any, Any]:
    try:
        with _depth_kept():
            from web3 import Web3
            from web3.middleware import ExtraDataToPOAMiddleware
    except ImportError:
        raise ChainTrouble("上链需要另外安装：pip install 'gongzhi[chain]'",
                           "this needs: pip install 'gongzhi[chain]'") from None  # fmt: skip
    return Web3, ExtraDataToPOAMiddleware


@contextmanager
def _depth_kept() -> Iterator[None]:
    """Their curves raise the recursion limit a hundredfold; a JSON bomb would then be fatal."""
    deep = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(deep)


@contextmanager
def _asked() -> Iterator[None]:
    from web3.exceptions import Web3Exception

    try:
        yield
    except (Web3Exception, OSError, ValueError, KeyError) as error:
        said = f"{type(error).__name__}: {error}"[:300]
        raise ChainTrouble(f"链上的节点没有办成：{said}", f"the node refused: {said}") from None
