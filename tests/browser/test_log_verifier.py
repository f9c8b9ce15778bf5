"""The browser's verifier says word for word what the Python file says, and fast enough."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from gongzhi.log.hashing import SHA256
from gongzhi.log.tree import Tree
from gongzhi.log.verifier import vectors
from log import histories
from log.test_verifier import verify

pytestmark = pytest.mark.browser

CODE = Path(__file__).parents[2] / "src/gongzhi/web/static/log-verify.js"
# As one text: the driver takes long over a million values.
AUDITS = "cases => JSON.stringify(JSON.parse(cases).map(raw => V.audit(V.fromJson(raw))))"
RECEIPT = """([receipt, policy]) => {
  try { V.checkReceipt(receipt, V.parsePolicy(policy)); return true; }
  catch (error) { if (error instanceof V.Bad) return false; throw error; }
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.route("http://verifier.test/**", lambda route: route.fulfill(
        body=CODE.read_text("utf-8") if route.request.url.endswith(".js") else "<title>v</title>",
        content_type="text/javascript" if route.request.url.endswith(".js") else "text/html",
    ))  # fmt: skip
    page.goto("http://verifier.test/")
    page.evaluate("async () => { window.V = await import('/log-verify.js'); }")
    yield page
    page.close()


def audits(page: Page, cases: list[dict[str, Any]]) -> list[list[Any]]:
    said: list[list[Any]] = json.loads(page.evaluate(AUDITS, json.dumps(cases)))
    return said


def disagreements(page: Page, cases: list[histories.Case]) -> list[str]:
    said = audits(page, [vectors.jsonable(case) for case in cases])
    ours = [[[kind, index] for kind, index, _ in verify.audit(case)] for case in cases]
    return [f"{n}: {a} / {b}" for n, (a, b) in enumerate(zip(ours, said, strict=True)) if a != b]


def test_the_vectors_of_audit_in_the_browser(page: Page) -> None:
    of = vectors.made()["audit"]
    said = audits(page, [vector["case"] for vector in of])
    assert said == [vector["found"] for vector in of]


@pytest.mark.parametrize("vector", vectors.made()["receipt"], ids=lambda vector: vector["name"])
def test_the_vectors_of_receipts_in_the_browser(page: Page, vector: dict[str, Any]) -> None:
    assert page.evaluate(RECEIPT, [vector["receipt"], vector["policy"]]) == vector["stands"]


def test_both_verifiers_agree_on_histories_honest_and_bent(page: Page) -> None:
    cases = [histories.honest_case(seed) for seed in range(150)]
    cases += [histories.bent(seed)[0] for seed in range(1100)]
    assert disagreements(page, cases) == []


def stands(receipt: str, policy: str) -> bool:
    try:
        verify.check_receipt(receipt, verify.parse_policy(policy))
    except verify.Bad:
        return False
    return True


def bent_text(text: str, rng: random.Random) -> str:
    """One letter, one line or one place of a text changed."""
    lines, at = text.split("\n"), rng.randrange(len(text))
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    way = rng.randrange(5)
    if way == 0:
        return text[:at] + rng.choice("A9+/= \n\u3000é-") + text[at + 1 :]
    if way == 1:
        return text[:at] + text[at + 1 :]
    if way == 2:
        del lines[one]
    elif way == 3:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.insert(one, lines[other])
    return "\n".join(lines)


def test_both_verifiers_agree_on_receipts_and_policies_that_were_bent(page: Page) -> None:
    rng, good = random.Random(7), vectors.made()["receipt"][0]
    seen = set()
    for _ in range(150):
        receipt, policy = good["receipt"], good["policy"]
        if rng.random() < 0.6:
            receipt = bent_text(receipt, rng)
        else:
            policy = bent_text(policy, rng)
        ours = stands(receipt, policy)
        assert page.evaluate(RECEIPT, [receipt, policy]) == ours, (receipt, policy)
        seen.add(ours)
    assert seen == {True, False}


COMPARE = """([one, other, hashes]) => {
  const head = ([origin, size, root]) => ({ origin, size, root: V.unb64(root) });
  try { return V.compare(head(one), head(other), hashes && hashes.map(V.unb64)); }
  catch (error) { if (error instanceof V.Bad) return "cannot"; throw error; }
}"""


def test_both_verifiers_compare_two_heads_alike(page: Page) -> None:
    case, other = (histories.case_of(histories.honest(seed).entries) for seed in (3, 4))

    def of(size: int, whole: histories.Case, origin: str = "county/log") -> dict[str, Any]:
        return {"origin": origin, "size": size, "root": verify.root_of(whole["hashes"][:size])}

    said = []
    for one, two, hashes in (
        (of(18, case), of(18, case), None), (of(18, case), of(18, other), None),
        (of(18, case), of(20, case), None), (of(18, case), of(20, case), case["hashes"]),
        (of(20, case), of(18, other), case["hashes"]), (of(18, case), of(18, case, "b"), None),
    ):  # fmt: skip
        try:
            ours: Any = [[kind, at] for kind, at, _ in verify.compare(one, two, hashes)]
        except verify.Bad:
            ours = "cannot"
        given = [[head["origin"], head["size"], vectors._b(head["root"])] for head in (one, two)]
        shown = hashes and [vectors._b(leaf) for leaf in hashes]
        assert page.evaluate(COMPARE, [*given, shown]) == ours
        said.append(ours)
    split = [["split-view", 18]]
    assert said == [[], split, "cannot", [], split, "cannot"]


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(11))
def test_both_verifiers_agree_on_all_of_them(page: Page, part: int) -> None:
    """Part 0: 10,000 honest histories; parts 1-10: 100,000 bent ones, those of the Python test."""
    case = histories.honest_case if part == 0 else lambda seed: histories.bent(seed)[0]
    first = 10_000 if part == 0 else 90_000 + 10_000 * part
    for start in range(first, first + 10_000, 500):
        assert disagreements(page, [case(seed) for seed in range(start, start + 500)]) == []


def test_a_hundred_thousand_entries_are_audited_without_a_finding(page: Page) -> None:
    """Prints the seconds; the claim of a second is made by the bench, not by a test."""
    entries = vectors._history()[:6]
    tail = [
        vectors.transfer(number, "issue", "budget", 1) for number in range(2, 100_000)
    ]  # fmt: skip
    entries += tail
    tree = Tree()
    tree.extend(map(SHA256.leaf, entries))
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    page.route("http://verifier.test/bundle", lambda route: route.fulfill(body=bundle))
    found, took = page.evaluate(
        """async root => {
      const raw = new Uint8Array(await (await fetch('/bundle')).arrayBuffer());
      const entries = [];
      for (let at = 0; at < raw.length;) {
        const end = at + 2 + raw[at] * 256 + raw[at + 1];
        entries.push(raw.subarray(at + 2, end)); at = end;
      }
      const hashes = entries.map(V.leafHash);
      const began = performance.now();
      const head = { size: entries.length, root: V.unb64(root) };
      const found = V.audit({ hashes, entries, head });
      return [found, (performance.now() - began) / 1000];
    }""",
        json.loads(json.dumps(vectors._b(tree.root()))),
    )
    print(f"audit of {len(entries)} entries in the browser: {took:.2f} s")
    assert found == []
