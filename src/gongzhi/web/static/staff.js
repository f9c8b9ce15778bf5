// The staff desk with a keyboard. Every page works without this file.
const typing = (element) => element.matches("input,textarea,select,[contenteditable]");

document.getElementById("errors")?.focus();

// j / k walk the list, Enter opens (it is a link), x ticks, / searches, ? tells the keys.
const rows = [...document.querySelectorAll("[data-rows] a.go, [data-list] a")];
let at = rows.findIndex((row) => row.getAttribute("aria-current"));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  } else if ((event.key === "j" || event.key === "k") && rows.length) {
    event.preventDefault();
    const focused = rows.indexOf(document.activeElement);
    if (focused >= 0) at = focused;
    at = Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
    rows[at].focus();
    rows[at].scrollIntoView({ block: "nearest" });
  } else if (event.key === "x") {
    const box = document.activeElement?.closest("li")?.querySelector("input[type=checkbox]");
    if (box) { box.click(); }
  }
});

// How many are ticked for the bulk assignment.
const bulk = document.querySelector("[data-bulk]");
if (bulk) {
  const most = Number(bulk.dataset.bulk), said = bulk.querySelector("[data-count]");
  const boxes = [...document.querySelectorAll("input[name=number]")];
  const count = () => {
    const n = boxes.filter((box) => box.checked).length;
    said.textContent = said.dataset.words.replace("{n}", n).replace("{m}", most);
    for (const box of boxes) box.disabled = n >= most && !box.checked;
  };
  for (const box of boxes) box.addEventListener("change", count);
  count();
}

// One press is one submission; the hidden key guards the rest.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => event.submitter?.setAttribute("aria-busy", "true"));
    setTimeout(() => { delete form.dataset.sent; event.submitter?.removeAttribute("aria-busy"); }, 8000);
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// While the phone rings: what neighbours have reported that sounds the same.
const intake = document.querySelector("[data-similar]");
if (intake) {
  const text = document.getElementById("id_body"), place = () => document.querySelector("[name=place]:checked")?.value ?? "";
  let waiting = 0, asked = "";
  const ask = async () => {
    const wanted = text.value.trim();
    if (wanted.length < 8 || wanted + place() === asked) return;
    asked = wanted + place();
    const body = new FormData();
    body.set("body", wanted); body.set("place", place());
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const answer = await fetch(intake.dataset.similar, { method: "POST", body });
      if (answer.ok) intake.innerHTML = await answer.text();
    } catch { /* no network: the button below still works */ }
  };
  text?.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 600); });
}

// A roster being checked: look again until it is done.
const busy = document.querySelector("[data-again]");
if (busy) setTimeout(() => location.reload(), Number(busy.dataset.again));

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
