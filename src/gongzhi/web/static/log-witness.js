// A witness on a telephone: its key cannot be taken out of it, it remembers the last checkpoint it
// signed, and signs only what grew out of that one (C2SP tlog-witness).
import { Bad, b64, consistent, openCheckpoint, parseNote, parsePolicy, sha256, unb64 } from "./log-verify.js";
import { keep, kept } from "./log-kept.js";

const root = document.getElementById("witness"), answer = document.getElementById("answer");
const words = JSON.parse(root.dataset.words), utf8 = new TextEncoder();
const show = (id, on = true) => { document.getElementById(id).hidden = !on; };
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function say(kind, ...lines) {
  const box = document.createElement("div");
  box.className = `note ${kind}`;
  box.append(...lines.map((line, n) => Object.assign(document.createElement(n ? "p" : "b"), { textContent: line })));
  answer.replaceChildren(box);
  answer.focus();
}

// ---- the key ----
async function makeKey() {
  try { return await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]); } catch { return null; }
}
async function enrol(event) {
  event.preventDefault();
  const title = document.getElementById("title").value.trim();
  if (!title) { say("bad", words.title); return; }
  const pair = await makeKey();
  if (!pair) { say("bad", words.no_key); return; }
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const form = new URLSearchParams({ title, public: b64(raw) });
  const got = await fetch("/log/witness", { method: "POST", body: form, headers: { "X-CSRFToken": root.dataset.csrf } });
  if (!got.ok) { say("bad", words.refused, `${got.status}`); return; }
  const { name } = await got.json();
  await keep("me", { name, pair, raw });
  await start();
  say("ok", words.made);
}

// ---- looking and signing ----
const text = async (address) => {
  const got = await fetch(address, { cache: "no-store" });
  if (!got.ok) throw new TypeError(address);
  return got.text();
};
async function sign(me, head, note) {
  const seconds = Math.floor(Date.now() / 1000);
  const message = utf8.encode(`cosignature/v1\ntime ${seconds}\n${note}`);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", me.pair.privateKey, message));
  const id = sha256(utf8.encode(`${me.name}\n`), Uint8Array.of(4), me.raw).subarray(0, 4);
  const line = new Uint8Array(76);
  line.set(id);
  new DataView(line.buffer).setBigUint64(4, BigInt(seconds));
  line.set(signature, 12);
  return `— ${me.name} ${b64(line)}\n`;
}
const row = (label, hash) => {
  const line = document.createElement("p");
  line.append(Object.assign(document.createElement("b"), { textContent: label }), document.createElement("br"),
    `${words.fork_hash} `, Object.assign(document.createElement("span"), { textContent: hash, className: "num root" }));
  return line;
};
// Both heads by size and hash, red, and as two files that anybody can compare on a computer.
function warned(fork, title, focus = true) {
  const box = document.createElement("div");
  box.className = "note bad fork";
  const head = Object.assign(document.createElement("b"), { textContent: title });
  const why = Object.assign(document.createElement("p"), { textContent: words.fork_why });
  const todo = Object.assign(document.createElement("p"), { textContent: words.fork_todo });
  box.append(head, why, row(fill(words.fork_before, fork.before), b64(fork.before.root)),
    row(fill(words.fork_now, fork.now), b64(fork.now.root)), todo);
  answer.replaceChildren(box);
  for (const [id, one] of [["evidence-before", fork.before], ["evidence-now", fork.now]]) {
    const link = document.getElementById(id);
    link.href = URL.createObjectURL(new Blob([one.raw], { type: "text/plain" }));
    link.download = `${id}-${one.size}.txt`;
  }
  show("evidence");
  if (focus) answer.focus();
}
async function refuse(seen, head, raw) {
  const fork = {
    at: Date.now(), before: { size: seen.size, root: seen.root, raw: seen.raw },
    now: { size: head.size, root: head.root, raw },
  };
  if (!(await kept("fork"))) await keep("fork", fork);  // the first evidence is never written over
  warned(fork, words.fork);
}
async function look() {
  const me = await kept("me");
  const pinned = (await kept("vkey")) || root.dataset.vkey;  // the key we met first, for ever
  const raw = await text("/log/newest");
  const policy = parsePolicy(`log ${pinned}\nquorum none\n`);
  const { head } = openCheckpoint(raw, policy);
  const seen = await kept(`seen ${head.origin}`);
  if (seen) {
    if (head.size < seen.size) return refuse(seen, head, raw);
    const proof = seen.size < head.size ? (await text(`/log/proof/${seen.size}/${head.size}`)) : "";
    const path = proof.split("\n").filter(Boolean).map(unb64);
    if (!consistent(seen.size, seen.root, head.size, head.root, path)) return refuse(seen, head, raw);
  }
  const line = await sign(me, head, parseNote(raw).text);
  // Kept before it is given away: a crash must not let us sign two histories.
  await keep("vkey", pinned);
  await keep(`seen ${head.origin}`, { size: head.size, root: head.root, raw, at: Date.now() });
  const given = await fetch("/log/cosignatures", { method: "POST", body: `${head.size}\n${line}` });
  if (!given.ok) return say("bad", words.refused, `${given.status}`);
  await remember();
  return say("ok", fill(!seen ? words.first : seen.size === head.size ? words.same : words.signed, { size: head.size }));
}
async function remember() {
  const origin = root.dataset.vkey.split("+")[0], seen = await kept(`seen ${origin}`);
  const last = document.getElementById("last");
  last.textContent = seen ? fill(words.last, { size: seen.size, at: new Date(seen.at).toLocaleString() }) : "";
}
async function start() {
  const me = await kept("me");
  show("enrol", !me);
  show("sign", Boolean(me));
  await remember();
  const fork = await kept("fork");
  if (fork) warned(fork, fill(words.fork_kept, { at: new Date(fork.at).toLocaleString() }), false);
}

document.getElementById("enrol").addEventListener("submit", enrol);
document.getElementById("go").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  try { await look(); } catch (error) {
    if (error instanceof Bad) say("bad", words.unsigned); else say("warn", words.offline);
  }
  button.disabled = false;
});
await start();
