// Clocks, keys and the quick search of the meeting's pages. Every page works without this file.
document.documentElement.classList.add("js");
const pad = (n) => String(n).padStart(2, "0");
const tick = () => {
  for (const clock of document.querySelectorAll(".clock[data-from]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - new Date(clock.dataset.from)) / 1000));
    const hours = Math.floor(seconds / 3600), rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
    clock.textContent = hours ? `${hours}:${rest}` : rest;
    clock.classList.toggle("over", seconds > 60 * Number(clock.dataset.most));
  }
};
if (document.querySelector(".clock[data-from]")) { tick(); setInterval(tick, 1000); }

const typing = (element) => element.matches("input,textarea,select,[contenteditable]");
const jump = { q: "ask-text", s: "speaker-name" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const field = jump[event.key] && document.getElementById(jump[event.key]);
  if (button) { event.preventDefault(); button.click(); }
  else if (field) { event.preventDefault(); field.focus(); }
});

// Another host, a question from a phone: say so instead of replacing what is being typed.
const state = () => document.querySelector("[data-state]")?.dataset.state;
const moved = document.querySelector("[data-moved]"), first = state();
if (moved && first) {
  new MutationObserver(() => { if (state() !== first) moved.hidden = false; })
    .observe(document.querySelector("[data-live]"), { childList: true });
}

// The desk: letters typed, people found; Enter signs in the first, and the field is ready again.
const desk = document.querySelector("[data-desk]"), box = document.querySelector("[data-found]");
if (desk && box) {
  let waiting = 0, asked = "";
  const look = async () => {
    const words = desk.value.trim();
    if (words === asked) return;
    asked = words;
    const answer = await fetch(`?q=${encodeURIComponent(words)}`, { headers: { "X-Part": "found" }, credentials: "same-origin" });
    if (answer.ok && desk.value.trim() === words) box.innerHTML = await answer.text();
  };
  desk.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 120); });
  desk.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    await look();
    box.querySelector("form button")?.click();
  });
}
