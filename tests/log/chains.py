"""A chain in memory (eth-tester) behind a real HTTP door, as a node has it."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any


class Node:
    """The chain, and how it behaves towards whoever asks."""

    def __init__(self) -> None:
        deep = sys.getrecursionlimit()
        from eth_tester import EthereumTester, PyEVMBackend
        from web3 import EthereumTesterProvider, Web3

        self.tester = EthereumTester(PyEVMBackend())
        # py-evm and py-ecc raise it a hundredfold for the whole process. A JSON bomb would then
        # end the tests that follow instead of being refused.
        sys.setrecursionlimit(deep)
        self.tester.disable_auto_mine_transactions()
        self._provider = EthereumTesterProvider(self.tester)
        self.web3: Any = Web3(self._provider)
        self.chain_id = int(self.web3.eth.chain_id)
        self.asked: list[str] = []
        self.deaf = False  # takes a transaction and dies before it answers
        self.forgets: set[str] = set()  # methods it refuses
        self.url = ""

    def key(self, folder: Path, number: int = 0) -> Path:
        """A file with the private key of an account that has money."""
        path = folder / "chain.key"
        path.write_text(self.tester.backend.account_keys[number].to_bytes().hex() + "\n")
        path.chmod(0o600)
        return path

    def mine(self, blocks: int = 1) -> None:
        self.tester.mine_blocks(blocks)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        method = asked["method"]
        self.asked.append(method)
        if method in self.forgets:
            return {"error": {"code": -32000, "message": "not now"}}
        call: Any = self._provider.request_func(self.web3, self.web3.middleware_onion)
        try:
            return {"result": plain(call(method, asked["params"])["result"])}
        except Exception as error:  # what a node answers when it refuses
            return {"error": {"code": -32000, "message": str(error)}}

    def sent(self) -> int:
        return self.asked.count("eth_sendRawTransaction")


def plain(value: Any) -> Any:
    """As JSON-RPC writes it: numbers and bytes in hexadecimal."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if hasattr(value, "items"):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value]


@contextmanager
def node() -> Iterator[Node]:
    made = Node()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = made.answer(asked)
            if made.deaf and asked["method"] == "eth_sendRawTransaction":
                self.connection.close()
                return
            raw = json.dumps({"jsonrpc": "2.0", "id": asked["id"], **said}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
