// The verification page: reads a receipt, checks it here, says in plain words what came out.
import { Bad, checkReceipt, parsePolicy } from "./log-verify.js";

const form = document.getElementById("check"), answer = document.getElementById("answer");
const words = JSON.parse(form.dataset.words);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function say(kind, title, lines, entry = "") {
  const box = document.createElement("div");
  box.className = `note ${kind}`;
  const head = document.createElement("b");
  head.textContent = title;
  box.append(head, ...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  if (entry) {
    const more = document.createElement("details"), text = document.createElement("pre");
    more.append(Object.assign(document.createElement("summary"), { textContent: words.more }), text);
    text.className = "entry num";
    text.textContent = entry;
    box.append(more);
  }
  answer.replaceChildren(box);
  answer.focus();
}

function told({ head, times, index, entry, opened }) {
  const at = new Date(entry.at / 1000).toLocaleString();
  const names = [...times.keys()].join("、");
  const lines = [
    words[entry.kind] || entry.kind, fill(words.place, { n: index + 1, origin: head.origin, size: head.size }),
    fill(words.at, { at }), times.size ? fill(words.witnessed, { n: times.size, names }) : words.alone,
    ...[...opened].map(([field, value]) => fill(words.opened, { field, value })),
  ];
  const fields = [...entry.fields].map(([name, value]) => `${name}: ${value.raw ?? value}`);
  say("ok", words.ok, lines, [entry.subject, ...fields].join("\n"));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = document.getElementById("file").files[0];
  const pasted = document.getElementById("receipt").value.replace(/\r\n/g, "\n").trim();
  const text = pasted ? `${pasted}\n` : file ? await file.text() : "";
  try {
    told(checkReceipt(text, parsePolicy(document.getElementById("policy").value)));
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    say("bad", words.bad, [words[error.message] || error.message]);
  }
});

if ("serviceWorker" in navigator) {
  const files = [...document.querySelectorAll("link[href],script[src],use")]
    .map((node) => node.getAttribute("href") || node.getAttribute("src")).filter((at) => at.startsWith("/static/"))
    .map((at) => at.split("#")[0]);
  navigator.serviceWorker.addEventListener("message", () => { document.getElementById("offline").hidden = false; });
  await navigator.serviceWorker.register(form.dataset.worker, { scope: "/log/" });
  const ready = await navigator.serviceWorker.ready;
  ready.active.postMessage({ files: [...new Set([...files, form.dataset.code])] });
}
