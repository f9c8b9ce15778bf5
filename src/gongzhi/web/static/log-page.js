// The verification page: fetches or reads a receipt, checks it here, says in plain words what came
// out. What is still on its way has a signed promise instead; then the page waits for the receipt.
import { Bad, checkReceipt, parsePolicy, parsePromise } from "./log-verify.js";

const form = document.getElementById("check"), answer = document.getElementById("answer");
const words = JSON.parse(form.dataset.words), utf8 = new TextEncoder();
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const hour = (micros) => new Date(micros / 1000).toLocaleString();
const make = (tag, textContent, className = "") => Object.assign(document.createElement(tag), { textContent, className });

function say(kind, title, lines, { entry = "", save = null, quiet = false } = {}) {
  const box = make("div", "", `note ${kind}`);
  box.append(make("b", title), ...lines.map((line) => make("p", line)));
  if (save) {
    const link = make("a", save.label, "btn sec");
    link.download = save.name;
    link.href = URL.createObjectURL(new Blob([save.text], { type: "text/plain" }));
    box.append(link);
  }
  if (entry) {
    const more = document.createElement("details");
    more.append(make("summary", words.more), make("pre", entry, "entry num"));
    box.append(more);
  }
  answer.replaceChildren(box);
  if (!quiet) answer.focus();
}

// What an entry says in words; the rest of its fields stays for those who know.
function facts(entry) {
  const told = [], value = (name) => entry.fields.get(name);
  if (entry.fields.has("amount")) {
    const unit = words[`field amount ${value("unit")}`];
    if (unit) told.push(fill(unit, { value: value("amount") }));
  }
  if (entry.fields.has("verdict")) {
    const verdict = value("verdict");
    told.push(fill(words["field verdict"], { value: words[`verdict ${verdict}`] || verdict }));
  }
  if (entry.fields.has("version")) told.push(fill(words["field version"], { value: value("version") }));
  for (const name of ["closed", "ended"]) {
    if (entry.fields.has(name)) told.push(fill(words[`field ${name}`], { at: hour(value(name)) }));
  }
  return told.length ? `${words[entry.kind] || entry.kind}（${told.join("，")}）` : words[entry.kind] || entry.kind;
}

function told({ head, times, index, entry, opened }, raw) {
  const names = [...times.keys()].join("、");
  const lines = [
    fill(words.what, { kind: facts(entry) }),
    ...[...opened].map(([field, value]) => fill(words[`open ${field}`] || words.open, { field, value })),
    fill(words.place, { n: index + 1, size: head.size }), fill(words.at, { at: hour(entry.at) }),
    times.size ? fill(words.witnessed, { n: times.size, names }) : words.alone,
  ];
  const fields = [...entry.fields].map(([name, value]) => `${name}: ${value.raw ?? value}`);
  const inside = [fill(words.origin, { origin: head.origin }), entry.kind, entry.subject, ...fields,
    ...[...opened].map(([field, value]) => `open ${field}: ${value}`)].join("\n");
  say("ok", words.ok, lines, { entry: inside, save: { label: words.save, name: "receipt.tlog-proof", text: raw } });
}

function check(raw, { quiet = false } = {}) {
  const policy = parsePolicy(document.getElementById("policy").value);
  try {
    if (raw.startsWith("gongzhi-promise/")) {
      const { due } = parsePromise(raw, policy), late = due / 1000 < Date.now();
      say(late ? "bad" : "info", words.promised, [fill(words.promise_due, { due: hour(due) }),
        late ? words.promise_late : words.promise_wait],
      { quiet, save: { label: words.save_promise, name: "promise.txt", text: raw } });
      return false;
    }
    told(checkReceipt(raw, policy), raw);
    return true;
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    say("bad", words.bad, [words[error.message] || words.other, words.bad_todo]);
    return true;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = document.getElementById("file").files[0];
  const pasted = document.getElementById("receipt").value.replace(/\r\n/g, "\n").trim();
  check(pasted ? `${pasted}\n` : file ? await file.text() : "");
});

// "?of=ballot.board/motion:3": somebody came from what he wants to have checked.
const wanted = new URLSearchParams(location.search).get("of") || "";
async function fetched(quiet) {
  let got;
  try { got = await fetch(`/log/of/${wanted}`, { cache: "no-store" }); } catch { say("warn", words.away, []); return; }
  if (!got.ok || got.redirected) { say("warn", words.gone, []); return; }
  const raw = await got.text();
  document.getElementById("receipt").value = raw;
  if (!check(raw, { quiet })) setTimeout(() => fetched(true), 5000);
}
if (/^[a-z.]+\/[\w:.@-]+$/.test(wanted)) {
  say("info", words.loading, [], { quiet: true });
  fetched(false);
}

if ("serviceWorker" in navigator) {
  const files = [...document.querySelectorAll("link[href],script[src],use")]
    .map((node) => node.getAttribute("href") || node.getAttribute("src")).filter((at) => at.startsWith("/static/"))
    .map((at) => at.split("#")[0]);
  navigator.serviceWorker.addEventListener("message", () => { document.getElementById("offline").hidden = false; });
  await navigator.serviceWorker.register(form.dataset.worker, { scope: "/log/" });
  const ready = await navigator.serviceWorker.ready;
  ready.active.postMessage({ files: [...new Set([...files, form.dataset.code])] });
}
