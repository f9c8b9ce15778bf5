// Refresh what changed: a page with data-live="ADDRESS" listens and reloads the part it names.
const node = document.querySelector("[data-live]");
if (node && "EventSource" in window) {
  const source = new EventSource(node.dataset.live);
  source.addEventListener("changed", async () => {
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      const typing = node.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
      if (fresh && !typing) node.replaceChildren(...fresh.childNodes);
    } catch (error) { /* the next message brings it */ }
  });
}
