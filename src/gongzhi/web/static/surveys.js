// A questionnaire half answered is kept on this phone until it is sent. Without this file the page
// works the same, only nothing is kept.

const form = document.querySelector("form[data-draft]");
const sent = document.getElementById("received");
const place = (name) => "gongzhi.survey." + name;
let store = null;
try { store = window.localStorage; } catch (error) { store = null; } // blocked in some webviews

if (sent && store) store.removeItem(place(sent.dataset.draft));
if (form && store) keep();

function keep() {
  const name = place(form.dataset.draft);
  if (!document.getElementById("errors")) bring(name);
  const save = () => {
    const said = [...new FormData(form)].filter(([field]) => /^q\d/.test(field));
    try { store.setItem(name, JSON.stringify(said)); } catch (error) { /* full: the page still works */ }
  };
  document.getElementById("keeps").hidden = false;
  form.addEventListener("change", save);
  form.addEventListener("input", save);
}

function bring(name) {
  let said = [];
  try { said = JSON.parse(store.getItem(name) || "[]"); } catch (error) { said = []; }
  let back = false;
  for (const [field, value] of said) {
    for (const input of form.elements) {
      if (input.name !== field) continue;
      if (input.type === "radio" || input.type === "checkbox") {
        if (input.value === value) { input.checked = true; back = true; }
      } else if (!input.value && value) { input.value = value; back = true; }
    }
  }
  if (back) document.getElementById("draft").hidden = false;
}
