// The result comes to every phone by itself: one small page for all of them, asked for without
// cookies. What is not counted yet (the vote has just opened) is fetched like any page.
const node = document.querySelector("[data-live][data-result]");
if (node && "EventSource" in window) {
  const put = (text, whole) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = whole ? page.querySelector("[data-live]") : page.body;
    if (fresh) node.replaceChildren(...fresh.childNodes);
  };
  const source = new EventSource(node.dataset.live);
  source.addEventListener("changed", async () => {
    try {
      const result = await fetch(node.dataset.result, { credentials: "omit" });
      if (result.ok) { put(await result.text(), false); source.close(); return; }
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (answer.ok) put(await answer.text(), true);
    } catch (error) { /* the next message brings it */ }
  });
}
