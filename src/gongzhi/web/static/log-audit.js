// The whole log on the telephone of a supervision committee: every hash and entry is fetched, the
// rules are replayed here, and what was audited is kept for the next time.
import { Bad, audit, openCheckpoint, parsePolicy, parsePromise } from "./log-verify.js";
import { keep, kept } from "./log-kept.js";

const MOST = 20, AT_ONCE = 6, WIDTH = 256;
const section = document.getElementById("audit"), answer = document.getElementById("found");
const words = JSON.parse(section.dataset.words);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function say(kind, title, lines = [], list = []) {
  const make = (tag, textContent) => Object.assign(document.createElement(tag), { textContent });
  const box = Object.assign(document.createElement("div"), { className: `note ${kind}` });
  box.append(make("b", title), ...lines.map((line) => make("p", line)));
  if (list.length) {
    const all = document.createElement("ul");
    all.append(...list.map((line) => make("li", line)));
    box.append(all);
  }
  answer.replaceChildren(box);
}

class Away extends Error {}
async function got(address) {
  let found;
  try { found = await fetch(address, { cache: "no-store" }); } catch { throw new Away(address); }
  if (!found.ok || found.redirected) throw new Away(address);
  return found;
}
function pathOf(index, width) {
  const parts = [String(index % 1000).padStart(3, "0")];
  while ((index = Math.floor(index / 1000))) parts.unshift(`x${String(index % 1000).padStart(3, "0")}`);
  return parts.join("/") + (width === WIDTH ? "" : `.p/${width}`);
}
async function piece(what, index, width) {
  return new Uint8Array(await (await got(`/log/tile/${what}/${pathOf(index, width)}`)).arrayBuffer());
}
function apart(bundle) {
  const entries = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 + bundle[at] * 256 + bundle[at + 1];
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
const cut = (raw) => Array.from({ length: raw.length / 32 }, (_, at) => raw.subarray(32 * at, 32 * at + 32));

// All hashes and entries of a log of this size, a few tiles at a time.
async function whole(size) {
  const hashes = [], entries = [], tiles = Math.ceil(size / WIDTH);
  for (let at = 0; at < tiles; at += AT_ONCE) {
    say("info", fill(words.reading, { n: at * WIDTH, size }));
    const part = Array.from({ length: Math.min(AT_ONCE, tiles - at) }, async (_, of) => {
      const index = at + of, width = Math.min(WIDTH, size - index * WIDTH);
      return [cut(await piece("0", index, width)), apart(await piece("entries", index, width))];
    });
    for (const [more, rows] of await Promise.all(part)) { hashes.push(...more); entries.push(...rows); }
  }
  return { hashes, entries };
}
async function handedIn(policy) {
  const found = [];
  for (const file of document.getElementById("promises").files) {
    const raw = (await file.text()).replace(/\r\n/g, "\n");
    try { const { leaf, due } = parsePromise(raw, policy); found.push([leaf, due]); } catch (error) {
      if (!(error instanceof Bad)) throw error;
      throw new Bad(fill(words.bad_promise, { name: file.name }));
    }
  }
  return found;
}

async function run() {
  const pinned = (await kept("vkey")) || section.dataset.vkey;
  const rule = (await (await got("/log/policy")).text()).replace(/^log .*$/gm, "");
  const policy = parsePolicy(`log ${pinned}\n${rule}`);
  const promises = await handedIn(policy);
  const { head, times } = openCheckpoint(await (await got("/log/checkpoint")).text(), policy, false);
  const name = `audited ${head.origin}`, before = await kept(name), seen = await kept(`seen ${head.origin}`);
  const { hashes, entries } = await whole(head.size);
  const cosigned = [...(before ? before.times : []), ...[...times.values()].map((at) => [head.size, at])];
  const held = before ? { hashes: cut(before.hashes) } : seen && { size: seen.size, root: seen.root };
  const found = audit({ hashes, head, entries, kept: held, promises, times: cosigned, now: Date.now() * 1000 });
  if (found.length) {
    const told = ([kind, at]) => (at < head.size ? fill(words.at, { n: at + 1, what: words[kind] }) : words[kind]);
    const list = found.slice(0, MOST).map(told);
    if (found.length > MOST) list.push(fill(words.more, { n: found.length - MOST }));
    return say("bad", fill(words.wrong, { n: found.length }), [words.wrong_todo], list);
  }
  const all = new Uint8Array(32 * head.size);
  hashes.forEach((leaf, at) => all.set(leaf, 32 * at));
  await keep(name, { hashes: all, times: cosigned });
  const lines = [words.whole_more];
  if (before) lines.push(fill(words.since, { n: before.hashes.length / 32 }));
  if (promises.length) lines.push(fill(words.promises, { n: promises.length }));
  return say("ok", fill(words.whole, { size: head.size }), lines);
}

document.getElementById("run").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  try { await run(); } catch (error) {
    if (error instanceof Bad) say("bad", words.unread, [error.message]);
    else if (error instanceof Away) say("warn", words.away); else throw error;
  } finally { button.disabled = false; answer.focus(); }
});
section.hidden = false;
