// Refresh what changed: a page with data-live="ADDRESS" listens and reloads the part it names, and
// every data-live-part beside it. What somebody is working in stays; [data-moved] then says so.
const node = document.querySelector("[data-live]");
const PARTS = "[data-live],[data-live-part]";
const WRITES = /^(INPUT|TEXTAREA|SELECT)$/;
const busy = (part) => {
  const at = part.contains(document.activeElement) ? document.activeElement : null;
  if (!part.hasAttribute("data-live-part")) return Boolean(at && WRITES.test(at.tagName));
  return Boolean(at || part.querySelector("details[open]"));
};
const renew = (part, fresh) => {
  const working = busy(part), queue = part.hasAttribute("data-live-part");
  const moved = queue && document.querySelector("[data-moved]");
  if (moved) moved.hidden = !working || part.dataset.livePart === fresh.dataset.livePart;
  if (working) return;
  part.replaceChildren(...fresh.childNodes);
  if (queue) part.dataset.livePart = fresh.dataset.livePart;
};
if (node && "EventSource" in window) {
  const source = new EventSource(node.dataset.live);
  source.addEventListener("changed", async () => {
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelectorAll(PARTS);
      document.querySelectorAll(PARTS).forEach((part, n) => { if (fresh[n]) renew(part, fresh[n]); });
    } catch (error) { /* the next message brings it */ }
  });
}
