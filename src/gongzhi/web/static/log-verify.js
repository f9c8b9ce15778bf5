// Checks a Gongzhi log in the browser: the rules of docs/reference/log.md, the same as
// gongzhi_verify.py. No network, no library, no asking anybody. All synchronous: awaiting a hash
// a hundred thousand times is twenty times slower than computing it.

export const SLACK = 120_000_000;
const NUMBER = /^(0|-?[1-9][0-9]{0,18})$/;
const NAME = /^[a-z][a-z0-9_]{0,30}$/;
const KIND = /^[a-z]+\.[a-z]+$/;
const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Bad extends Error {}

// ---- SHA-2. The constants are the first bits of the roots of the first primes (FIPS 180-4). ----
const primes = [];
for (let n = 2; primes.length < 80; n++) if (primes.every((p) => n % p)) primes.push(n);

function bits(number, power) {
  // floor(frac(number^(1/power)) * 2^64)
  const wanted = BigInt(number) << BigInt(64 * power);
  let low = 0n, high = 1n << 72n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** BigInt(power) <= wanted) low = middle; else high = middle - 1n;
  }
  return low & 0xffffffffffffffffn;
}
const K512 = primes.map((p) => bits(p, 3));
const H512 = primes.slice(0, 8).map((p) => bits(p, 2));
const K256 = Int32Array.from(K512.slice(0, 64), (k) => Number(k >> 32n));
const H256 = Int32Array.from(H512, (h) => Number(h >> 32n));
const W = new Int32Array(64);

function compress(H, data, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    W[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = (W[i - 16] + W[i - 7]
      + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))
      + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))) | 0;
  }
  let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
  for (let i = 0; i < 64; i++) {
    const t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)))
      + ((e & f) ^ (~e & g)) + K256[i] + W[i]) | 0;
    const u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10)))
      + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
  }
  H[0] += a; H[1] += b; H[2] += c; H[3] += d; H[4] += e; H[5] += f; H[6] += g; H[7] += h;
}

const STATE = new Int32Array(8);
let room = new Uint8Array(8192);

// Hash of the first `length` bytes of `room`.
function hashRoom(length) {
  const end = ((length + 72) >> 6) << 6;
  room.fill(0, length, end);
  room[length] = 0x80;
  let count = length * 8;
  for (let i = end - 1; count; i--, count = Math.floor(count / 256)) room[i] = count % 256;
  STATE.set(H256);
  for (let at = 0; at < end; at += 64) compress(STATE, room, at);
  const out = new Uint8Array(32);
  for (let i = 0; i < 8; i++) {
    const word = STATE[i];
    out[4 * i] = word >>> 24; out[4 * i + 1] = word >>> 16; out[4 * i + 2] = word >>> 8;
    out[4 * i + 3] = word;
  }
  return out;
}

export function sha256(...parts) {
  let length = 0;
  for (const part of parts) length += part.length;
  if (room.length < length + 128) room = new Uint8Array(2 * length + 128);
  let at = 0;
  for (const part of parts) { room.set(part, at); at += part.length; }
  return hashRoom(length);
}
const ZERO = Uint8Array.of(0), ONE = Uint8Array.of(1);
export const leafHash = (entry) => sha256(ZERO, entry);
const nodeHash = (left, right) => sha256(ONE, left, right);

function sha512(message) {
  const M = 0xffffffffffffffffn;
  const rot = (x, n) => ((x >> n) | (x << (64n - n))) & M;
  const size = ((message.length + 17 + 127) >> 7) << 7;
  const data = new Uint8Array(size);
  data.set(message); data[message.length] = 0x80;
  const view = new DataView(data.buffer);
  view.setBigUint64(size - 8, BigInt(message.length * 8));
  const H = [...H512];
  for (let at = 0; at < size; at += 128) {
    const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + 8 * i));
    for (let i = 16; i < 80; i++) {
      const x = w[i - 15], y = w[i - 2];
      w.push((w[i - 16] + w[i - 7] + (rot(x, 1n) ^ rot(x, 8n) ^ (x >> 7n))
        + (rot(y, 19n) ^ rot(y, 61n) ^ (y >> 6n))) & M);
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let i = 0; i < 80; i++) {
      const t = h + (rot(e, 14n) ^ rot(e, 18n) ^ rot(e, 41n)) + ((e & f) ^ (~e & M & g)) + K512[i] + w[i];
      const u = (rot(a, 28n) ^ rot(a, 34n) ^ rot(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(t + u) & M, a, b, c, (d + t) & M, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((v, i) => { H[i] = (H[i] + v) & M; });
  }
  const out = new DataView(new ArrayBuffer(64));
  H.forEach((v, i) => out.setBigUint64(8 * i, v));
  return new Uint8Array(out.buffer);
}

// ---- Ed25519 verification (RFC 8032, 5.1.7). Only public values: time may vary. ----
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => { const r = a % P; return r < 0n ? r + P : r; };
function pow(base, exponent) {
  let result = 1n;
  for (base = mod(base); exponent; exponent >>= 1n, base = mod(base * base)) {
    if (exponent & 1n) result = mod(result * base);
  }
  return result;
}
const D = mod(-121665n * pow(121666n, P - 2n));
const ROOT = pow(2n, (P - 1n) / 4n);
function add([a, b, c, d], [e, f, g, h]) {
  const A = mod((b - a) * (f - e)), B = mod((b + a) * (f + e)), C = mod(2n * c % P * D % P * g);
  const E = mod(2n * d * h), F = B - A, G = E - C, I = E + C, J = B + A;
  return [mod(F * G), mod(I * J), mod(F * J), mod(G * I)];
}
function times(point, scalar) {
  let sum = [0n, 1n, 0n, 1n];
  for (; scalar; scalar >>= 1n, point = add(point, point)) if (scalar & 1n) sum = add(sum, point);
  return sum;
}
function little(raw) {
  return raw.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
function decompress(raw) {
  const whole = little(raw), sign = whole >> 255n, y = whole & ((1n << 255n) - 1n);
  if (raw.length !== 32 || y >= P) return null;
  const xx = mod((y * y - 1n) * pow(D * y * y + 1n, P - 2n));
  let x = pow(xx, (P + 3n) / 8n);
  if (mod(x * x - xx)) x = mod(x * ROOT);
  if (mod(x * x - xx) || (!x && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, mod(x * y), 1n];
}
const BASE = decompress(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

export function ed25519(publicKey, message, signature) {
  if (signature.length !== 64) return false;
  const A = decompress(publicKey), R = decompress(signature.subarray(0, 32));
  const s = little(signature.subarray(32));
  if (!A || !R || s >= L) return false;
  const all = new Uint8Array(64 + message.length);
  all.set(signature.subarray(0, 32)); all.set(publicKey, 32); all.set(message, 64);
  const k = little(sha512(all)) % L;
  const left = times(BASE, s), right = add(R, times(A, k));
  return !mod(left[0] * right[3] - right[0] * left[3]) && !mod(left[1] * right[3] - right[1] * left[3]);
}

// ---- bytes ----
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
export function b64(raw) {
  let text = "";
  for (let at = 0; at < raw.length; at += 3) {
    const n = (raw[at] << 16) | ((raw[at + 1] || 0) << 8) | (raw[at + 2] || 0);
    text += ALPHABET[n >> 18] + ALPHABET[(n >> 12) & 63]
      + (at + 1 < raw.length ? ALPHABET[(n >> 6) & 63] : "=")
      + (at + 2 < raw.length ? ALPHABET[n & 63] : "=");
  }
  return text;
}
// Canonical base64: bits that stand for nothing are zero, so one text is one value.
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
export function unb64(text) {
  if (!BASE64.test(text)) throw new Bad("not canonical base64");
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
export function decimal(text) {
  const value = NUMBER.test(text) ? Number(text) : -1;
  if (value < 0 || !Number.isSafeInteger(value)) throw new Bad("not a decimal number");
  return value;
}
export const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const key = (raw) => String.fromCharCode(...raw);

// ---- the tree (RFC 6962) ----
export function rootOf(hashes) {
  let level = hashes.length ? hashes : [sha256()];
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at], level[at + 1]));
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}
export function rootFromInclusion(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) throw new Bad("the index is outside the tree");
  let node = leaf, last = size - 1;
  const half = (n) => Math.floor(n / 2);
  for (const beside of path) {
    if (!last) throw new Bad("the path is too long");
    if (index % 2 || index === last) {
      node = nodeHash(beside, node);
      while (!(index % 2) && index) { index = half(index); last = half(last); }
    } else node = nodeHash(node, beside);
    index = half(index); last = half(last);
  }
  if (last) throw new Bad("the path is too short");
  return node;
}
// Whether the tree of `size` only added to the tree of `old` (RFC 9162, 2.1.4.2).
export function consistent(old, oldRoot, size, root, path) {
  if (old === size) return !path.length && same(oldRoot, root);
  if (old === 0) return !path.length;
  if (!(old > 0 && old < size) || !path.length) return false;
  const half = (n) => Math.floor(n / 2);
  let power = old;
  while (power % 2 === 0) power = half(power);
  const hashes = power === 1 ? [oldRoot, ...path] : path;
  let index = old - 1, last = size - 1;
  while (index % 2) { index = half(index); last = half(last); }
  let before = hashes[0], after = hashes[0];
  for (const beside of hashes.slice(1)) {
    if (!last) return false;
    if (index % 2 || index === last) {
      before = nodeHash(beside, before); after = nodeHash(beside, after);
      while (!(index % 2) && index) { index = half(index); last = half(last); }
    } else after = nodeHash(after, beside);
    index = half(index); last = half(last);
  }
  return !last && same(before, oldRoot) && same(after, root);
}

// ---- signed notes, checkpoints, policies (C2SP) ----
export function parseKey(vkey) {
  const first = vkey.indexOf("+"), second = vkey.indexOf("+", first + 1);
  const name = vkey.slice(0, first), raw = unb64(vkey.slice(second + 1).trim());
  const id = sha256(utf8.encode(name + "\n"), raw).subarray(0, 4);
  if (first < 1 || !raw.length || hex(id) !== vkey.slice(first + 1, second)) throw new Bad("the key's id does not belong to it");
  return { name, type: raw[0], key: raw.subarray(1), id };
}
export function parseNote(raw) {
  if (/[\x00-\x09\x0b-\x1f]/.test(raw)) throw new Bad("control characters in a note");
  const cut = raw.lastIndexOf("\n\n");
  if (cut < 0 || !raw.endsWith("\n")) throw new Bad("no signatures below the text");
  const lines = raw.slice(cut + 2, -1).split("\n").map((line) => {
    const words = line.split(" ");
    const signature = words.length === 3 && words[0] === "—" && words[1] ? unb64(words[2]) : [];
    if (signature.length < 5) throw new Bad("a signature line cannot be read");
    return { name: words[1], id: signature.subarray(0, 4), signature: signature.subarray(4) };
  });
  return { text: raw.slice(0, cut + 1), lines };
}
export function parsePolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null }, used = new Set(["none"]);
  const known = (name) => name === "none" || policy.witnesses.has(name) || policy.groups.has(name);
  const twice = (keys) => new Set(keys.map((one) => hex(one.key))).size < keys.length;
  for (const line of text.split("\n")) {
    const [sort, name = "", ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (!sort || sort.startsWith("#")) continue;
    if (sort === "log" && rest.length < 2) policy.logs.push(parseKey(name));
    else if (sort === "witness" && [1, 2].includes(rest.length) && !known(name)) {
      policy.witnesses.set(name, parseKey(rest[0]));
    } else if (sort === "group" && rest.length > 1 && !known(name)) {
      const members = [...new Set(rest.slice(1))]; // each defined above, and nowhere a member twice
      const least = rest[0] === "all" ? members.length : rest[0] === "any" ? 1 : decimal(rest[0]);
      if (members.length < rest.length - 1 || !members.every((member) => known(member) && !used.has(member))
        || !(least >= 1 && least <= members.length)) {
        throw new Bad("a group of the policy cannot be fulfilled, or counts somebody twice");
      }
      for (const member of members) used.add(member);
      policy.groups.set(name, [least, members]);
    } else if (sort === "quorum" && !rest.length && policy.quorum === null && known(name)) policy.quorum = name;
    else throw new Bad("a line of the policy cannot be read");
  }
  if (twice(policy.logs) || twice([...policy.witnesses.values()]) || policy.quorum === null
    || /[\x00-\x08\x0b-\x1f\x7f]/.test(text)) {
    throw new Bad("a policy without a quorum, with one key twice, or with control characters");
  }
  return policy;
}
export function fulfilled(policy, signed, name = policy.quorum) {
  if (name === "none") return true;
  if (policy.witnesses.has(name)) return signed.has(name);
  const [least, members] = policy.groups.get(name);
  return members.filter((member) => fulfilled(policy, signed, member)).length >= least;
}
export function parseHead(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  const root = lines.length >= 3 && lines.every(Boolean) ? unb64(lines[2]) : [];
  if (root.length !== 32) throw new Bad("not a checkpoint");
  return { origin: lines[0], size: decimal(lines[1]), root };
}
// The head and Map(witness -> seconds); Bad when log or quorum are missing or a line is false.
export function openCheckpoint(raw, policy, quorum = true) {
  const { text, lines } = parseNote(raw), head = parseHead(text), times = new Map();
  let signed = false;
  const is = (known, line, type) => known.name === line.name && known.type === type && same(known.id, line.id);
  for (const line of lines) {
    for (const known of policy.logs) {
      if (!is(known, line, 1) || known.name !== head.origin) continue;
      if (!ed25519(known.key, utf8.encode(text), line.signature)) throw new Bad("the log's signature does not hold");
      signed = true;
    }
    for (const [title, known] of policy.witnesses) {
      if (!is(known, line, 4)) continue;
      const seconds = line.signature.subarray(0, 8).reduce((n, byte) => n * 256 + byte, 0);
      const message = utf8.encode(`cosignature/v1\ntime ${seconds}\n${text}`);
      if (!Number.isSafeInteger(seconds) || !ed25519(known.key, message, line.signature.subarray(8))) {
        throw new Bad(`the signature of the witness ${title} does not hold`);
      }
      times.set(title, seconds);
    }
  }
  if (!signed) throw new Bad("not signed by a log of the policy");
  if (quorum && !fulfilled(policy, times)) throw new Bad("not enough witnesses have signed");
  return { head, times };
}

// ---- entries ----
export function readEntry(data) {
  let text;
  try { text = strict.decode(data); } catch { throw new Bad("not UTF-8"); }
  const lines = text.split("\n"), end = lines.length - 1;
  if (data.length > 4096 || end < 4 || lines[0] !== "gongzhi/1" || !lines[2] || lines[end]
    || !KIND.test(lines[1]) || /[\x00-\x09\x0b-\x1f\x7f]/.test(text)) throw new Bad("not an entry");
  const fields = new Map();
  let last = "";
  for (let i = 4; i < end; i++) {
    const line = lines[i], cut = line.indexOf(" ");
    const name = line.slice(0, cut), sort = line[cut + 1], value = line.slice(cut + 3);
    if (cut < 1 || line[cut + 2] !== " " || !NAME.test(name) || name <= last) throw new Bad("fields not in order");
    last = name;
    if (sort === "s") fields.set(name, value);
    else if (sort === "i" && NUMBER.test(value) && Number.isSafeInteger(Number(value))) fields.set(name, Number(value));
    else if (sort === "b" && BASE64.test(value)) fields.set(name, { raw: value }); // the text will do
    else throw new Bad(`the field ${name} cannot be read`);
  }
  return { kind: lines[1], subject: lines[2], at: decimal(lines[3]), fields };
}
const isNumber = (v) => typeof v === "number", isText = (v) => typeof v === "string";
const isBytes = (v) => typeof v === "object";
function need(fields, name, is, optional = false) {
  const value = fields.get(name);
  if (value === undefined && optional) return null;
  if (value === undefined || !is(value)) throw new Bad(`the field ${name} is missing`);
  return isBytes(value) ? value.raw : value;
}

class Replay {
  accounts = new Map(); rules = new Map(); transfers = new Map();
  used = new Set(); reversed = new Set(); month = new Map(); latest = 0; found = [];

  take(index, data, notBefore) {
    try {
      const { kind, subject, at, fields } = readEntry(data);
      if (kind === "ledger.account" || kind === "ledger.transfer") {
        if (at < Math.max(this.latest - SLACK, notBefore)) this.found.push(["back-dating", index]);
        this.latest = Math.max(this.latest, at);
      }
      if (kind === "ledger.account") this.account(fields);
      else if (kind === "rule.version") this.rule(subject, fields);
      else if (kind === "ledger.transfer") this.transfer(index, subject, at, fields);
    } catch (error) {
      if (!(error instanceof Bad)) throw error;
      this.found.push(["malformed", index]);
    }
  }
  account(fields) {
    const account = need(fields, "account", isBytes), unit = need(fields, "unit", isText);
    const floor = need(fields, "floor", isNumber, true);
    if (this.accounts.has(account)) throw new Bad("an account is opened twice");
    this.accounts.set(account, { unit, floor, balance: 0 });
  }
  rule(subject, fields) {
    const rule = need(fields, "rule", isText), version = need(fields, "version", isNumber);
    const made = { rule, unit: need(fields, "unit", isText), each: need(fields, "each", isNumber, true),
      month: need(fields, "month", isNumber, true), side: need(fields, "side", isText, true) };
    if (subject !== `rule:${rule}@${version}` || this.rules.has(subject.slice(5))) {
      throw new Bad("a version of a rule comes twice");
    }
    this.rules.set(subject.slice(5), made);
  }
  transfer(index, subject, at, fields) {
    const amount = need(fields, "amount", isNumber), debit = need(fields, "debit", isBytes);
    const credit = need(fields, "credit", isBytes), request = need(fields, "key", isBytes);
    const unit = need(fields, "unit", isText), rule = need(fields, "rule", isText, true);
    const hold = need(fields, "hold", isNumber, true), reverses = need(fields, "reverses", isNumber, true);
    const giver = this.accounts.get(debit), taker = this.accounts.get(credit);
    if (!giver || !taker || giver === taker || amount <= 0) throw new Bad("between accounts that are not open");
    if (giver.unit !== unit || taker.unit !== unit || this.transfers.has(subject)) throw new Bad("told twice");
    const used = hold === null ? [`k${request}`] : [`k${request}`, `h${hold}`];
    if (used.some((token) => this.used.has(token))) this.found.push(["double-redemption", index]);
    for (const token of used) this.used.add(token);
    if (reverses !== null) this.reversal(index, reverses, amount, debit, credit);
    giver.balance -= amount; taker.balance += amount;
    if (giver.floor !== null && giver.balance < giver.floor) this.found.push(["overdraft", index]);
    const where = rule ? this.capped(index, rule, unit, amount, debit, credit, at) : null;
    this.transfers.set(subject, { debit, credit, amount, where });
  }
  reversal(index, reverses, amount, debit, credit) {
    const first = this.transfers.get(`transfer:${reverses}`);
    if (!first || first.debit !== credit || first.credit !== debit || amount > first.amount) {
      throw new Bad("a reversal that does not mirror what it reverses");
    }
    if (this.reversed.has(reverses)) this.found.push(["double-redemption", index]);
    this.reversed.add(reverses);
    if (first.where) this.month.set(first.where, this.month.get(first.where) - amount);
  }
  capped(index, name, unit, amount, debit, credit, at) {
    const rule = this.rules.get(name);
    if (!rule || rule.unit !== unit) throw new Bad("a rule that was not in the log before");
    const here = new Date(Math.floor(at / 1000) + 28_800_000); // China, UTC+8
    const month = here.getUTCFullYear() * 100 + here.getUTCMonth();
    const where = `${month} ${rule.rule}\n${rule.side === "debit" ? debit : credit}`;
    const sum = (this.month.get(where) || 0) + amount;
    this.month.set(where, sum);
    if (rule.each !== null && amount > rule.each) this.found.push(["over-cap", index]);
    else if (rule.month !== null && sum > rule.month) this.found.push(["over-cap", index]);
    return where;
  }
}

// ---- what was done to a history ----
export function difference(truth, shown, mayGrow) {
  if (truth.length === shown.length && truth.every((leaf, at) => same(leaf, shown[at]))) return [];
  const a = truth.map(key), b = shown.map(key), left = new Map(), found = [];
  for (const leaf of a) left.set(leaf, (left.get(leaf) || 0) + 1);
  for (const leaf of b) left.set(leaf, (left.get(leaf) || 0) - 1);
  let i = 0, j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) { i++; j++; continue; }
    const missing = left.get(a[i]) > 0, extra = left.get(b[j]) < 0;
    if (!missing && !extra) return [...found, ["reorder", i]];
    found.push(missing ? [extra ? "edit" : "delete", i] : ["insert", j]);
    if (missing) { left.set(a[i], left.get(a[i]) - 1); i++; }
    if (extra) { left.set(b[j], left.get(b[j]) + 1); j++; }
  }
  if (i < a.length) found.push(["truncate", i]);
  else if (j < b.length && !mayGrow) found.push(["insert", j]);
  return found;
}
export function audit({ hashes, head, entries, kept, promises = [], times = [], now = 0 }) {
  const found = [];
  if (kept && kept.hashes) found.push(...difference(kept.hashes, hashes, true));
  else if (kept && kept.size > head.size) found.push(["truncate", head.size]);
  else if (kept && !same(rootOf(hashes.slice(0, kept.size)), kept.root)) found.push(["split-view", kept.size]);
  if (hashes.length !== head.size || !same(rootOf(hashes), head.root)) found.push(["split-view", head.size]);
  if (entries) {
    found.push(...difference(hashes, entries.map(leafHash), false));
    const replay = new Replay();
    entries.forEach((entry, index) => {
      let before = 0;
      for (const [size, at] of times) if (size <= index && at > before) before = at;
      replay.take(index, entry, before * 1_000_000 - SLACK);
    });
    found.push(...replay.found);
  }
  const there = promises.length ? new Set(hashes.map(key)) : null;
  const late = new Set(promises.filter(([leaf, due]) => now >= due && !there.has(key(leaf))).map(([leaf]) => key(leaf)));
  for (let n = late.size; n; n--) found.push(["omission", head.size]);
  return found;
}
export function compare(one, other, hashes = null) {
  if (one.origin !== other.origin) throw new Bad("checkpoints of two different logs");
  const [small, large] = one.size <= other.size ? [one, other] : [other, one];
  if (small.size === large.size) return same(small.root, large.root) ? [] : [["split-view", small.size]];
  if (!hashes) throw new Bad("two sizes of one log cannot be compared without it");
  return [small, large].filter((head) => !same(rootOf(hashes.slice(0, head.size)), head.root))
    .map((head) => ["split-view", head.size]);
}

// ---- receipts ----
export function checkReceipt(raw, policy) {
  const cut = raw.indexOf("\n\n"), [form, extra = "", place = "", ...path] = raw.slice(0, cut).split("\n");
  if (cut < 0 || form !== "c2sp.org/tlog-proof@v1" || !extra.startsWith("extra ") || !place.startsWith("index ")) {
    throw new Bad("not a receipt of this kind of log");
  }
  const both = unb64(extra.slice(6));
  let end = 0;
  while (end + 1 < both.length && !(both[end] === 10 && both[end + 1] === 10)) end++;
  const leaf = both.subarray(0, end + 1), opens = new TextDecoder().decode(both.subarray(end + 2));
  const index = decimal(place.slice(6));
  const { head, times } = openCheckpoint(raw.slice(cut + 2), policy);
  const root = rootFromInclusion(leafHash(leaf), index, head.size, path.map(unb64));
  if (!same(root, head.root)) throw new Bad("the entry is not in the log of this checkpoint");
  const entry = readEntry(leaf), opened = new Map();
  for (const line of opens.split("\n").slice(0, -1)) {
    const [word, field, nonce, ...rest] = line.split(" "), value = rest.join(" ");
    const held = entry.fields.get(field);
    if (word !== "open" || !held || held.raw !== b64(sha256(unb64(nonce), utf8.encode(value)))) {
      throw new Bad(`the commitment ${field} is not of this value`);
    }
    opened.set(field, value);
  }
  return { head, times, index, entry, opened };
}

// The hash promised and by when (microseconds); Bad unless a log of the policy signed it.
export function parsePromise(raw, policy) {
  const { text, lines } = parseNote(raw), parts = text.split("\n");
  if (parts.length !== 6 || parts[0] !== "gongzhi-promise/1" || unb64(parts[2]).length !== 32) {
    throw new Bad("not a promise");
  }
  const signed = policy.logs.some((log) => log.type === 1 && log.name === parts[1] && lines.some((line) =>
    line.name === log.name && same(line.id, log.id) && ed25519(log.key, utf8.encode(text), line.signature)));
  if (!signed) throw new Bad("the promise is not signed by a log of the policy");
  return { leaf: unb64(parts[2]), due: decimal(parts[4]) };
}

// A case of the shared vectors as `audit` takes it.
export function fromJson(raw) {
  const kept = raw.kept && { ...raw.kept, root: unb64(raw.kept.root), hashes: raw.kept.hashes && raw.kept.hashes.map(unb64) };
  return { ...raw, kept, hashes: raw.hashes.map(unb64), entries: raw.entries && raw.entries.map(unb64),
    head: { ...raw.head, root: unb64(raw.head.root) }, promises: raw.promises.map(([leaf, due]) => [unb64(leaf), due]) };
}
