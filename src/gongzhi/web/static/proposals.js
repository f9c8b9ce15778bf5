// While somebody writes: proposals like it, and how many characters are left. All works without.
const form = document.getElementById("proposal");
if (form) {
  const box = document.getElementById("similar"), looked = document.getElementById("looked");
  const wrong = document.getElementById("wrong"), hint = document.getElementById("wrong-hint");
  const plain = hint ? hint.textContent : "";
  let timer, last = "";
  const ask = async () => {
    const said = form.title.value + wrong.value;
    if (said.length < 6 || said === last) return;
    last = said;
    const body = new URLSearchParams({title: form.title.value, wrong: wrong.value,
      place: new FormData(form).get("place") || "",
      csrfmiddlewaretoken: form.csrfmiddlewaretoken.value});
    try {
      const answer = await fetch(form.dataset.similar, {method: "POST", body});
      if (answer.ok) { box.innerHTML = await answer.text(); looked.value = "1"; }
    } catch { /* no network: the server asks again when the form is sent */ }
  };
  const count = () => { if (hint) hint.textContent = `${plain} ${wrong.value.length}/300`; };
  form.addEventListener("input", (event) => {
    if (event.target === wrong) count();
    if (event.target === wrong || event.target.name === "title") {
      clearTimeout(timer);
      timer = setTimeout(ask, 700);
    }
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => { delete form.dataset.sent; });
}
