// The next statement comes without loading the page anew. Without this file the page works the same.

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.three");
  const ask = document.getElementById("ask");
  if (!form || !ask || !event.submitter) return;
  event.preventDefault();
  const said = new FormData(form, event.submitter);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: said, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("ask");
    if (!answer.ok || !next) throw new Error("another page");
    ask.replaceWith(next);
    next.focus({ preventScroll: true });
  } catch (error) {
    location.reload(); // what was said is either kept or asked again: both are right
  }
});
