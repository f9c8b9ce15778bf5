// 报一件事: what the page does beyond a plain form. Without this file everything but the map works.
// The draft stays on this phone; photos are made small here and sent one at a time.

const MAX_PHOTOS = 6, SIDE = 1280, QUALITY = 0.72, TRIES = 3;
const form = document.getElementById("report");
const sent = document.getElementById("sent");

if (sent) forget(sent.dataset.who);
if (form) start();

function store() {
  try { return window.localStorage; } catch (error) { return null; } // blocked in some webviews
}
function place(who) { return "gongzhi.draft." + who; }
function forget(who) { const s = store(); if (s) s.removeItem(place(who)); }

function start() {
  document.documentElement.classList.add("js");
  drafts();
  photos();
  similar();
  map();
  sending();
}

// Draft

function drafts() {
  const who = form.dataset.who, s = store();
  if (!s) return;
  const names = ["key", "body", "where", "category"];
  let last = "";
  const read = () => JSON.stringify(Object.fromEntries(names.map((n) => [n, form.elements[n].value])));
  let kept = null;
  try { kept = JSON.parse(s.getItem(place(who)) || "null"); } catch (error) { kept = null; }
  if (kept && kept.body && !form.elements.body.value && !document.getElementById("errors")) {
    for (const n of names) if (typeof kept[n] === "string") form.elements[n].value = kept[n];
    const note = document.getElementById("draft");
    note.hidden = false;
    document.getElementById("forget").addEventListener("click", () => {
      forget(who); form.elements.body.value = ""; form.elements.where.value = "";
      note.hidden = true; form.elements.body.focus();
    });
  }
  const save = () => {
    const now = read();
    if (now !== last && form.elements.body.value.trim()) {
      try { s.setItem(place(who), now); last = now; } catch (error) { /* full: the page still works */ }
    }
  };
  setInterval(save, 2000);
  window.addEventListener("pagehide", save);
}

// Photos

const waiting = new Set();

function photos() {
  for (const input of [form.elements.camera, form.elements.album]) {
    input.addEventListener("change", () => {
      for (const file of Array.from(input.files)) add(file);
      input.value = ""; // the form itself no longer carries it
    });
  }
}

function shots() { return document.getElementById("shots"); }

function say(words) {
  const note = document.getElementById("photo-note");
  note.textContent = words; note.hidden = !words;
}

function add(file) {
  const list = shots();
  if (list.querySelectorAll("img").length >= MAX_PHOTOS) { say(form.dataset.many); return; }
  say("");
  const row = document.createElement("li");
  const picture = document.createElement("img");
  picture.alt = form.dataset.photoname + " " + (list.children.length + 1);
  picture.src = URL.createObjectURL(file);
  const bar = document.createElement("progress");
  bar.max = 1; bar.value = 0; bar.setAttribute("aria-label", picture.alt);
  row.append(picture, bar);
  list.append(row);
  send(row, file, Math.random().toString(36).slice(2, 10));
}

async function send(row, file, n) {
  const job = {};
  waiting.add(job);
  const old = row.querySelector(".retry");
  if (old) old.remove();
  const small = await shrink(file);
  let answer = null;
  for (let turn = 0; turn < TRIES && !answer; turn += 1) {
    if (turn) await new Promise((done) => setTimeout(done, 800 * turn));
    answer = await post(small, n, (share) => { const bar = row.querySelector("progress"); if (bar) bar.value = share; });
  }
  waiting.delete(job);
  if (answer && answer.key) { arrived(row, answer.key); return; }
  failed(row, file, n, answer && answer.words);
}

function arrived(row, key) {
  const bar = row.querySelector("progress");
  if (bar) bar.remove();
  const field = document.createElement("input");
  field.type = "hidden"; field.name = "uploads"; field.value = key;
  const away = document.createElement("button");
  away.type = "button"; away.className = "btn sm sec"; away.textContent = form.dataset.remove;
  away.addEventListener("click", () => { row.remove(); say(""); });
  row.append(field, away);
}

function failed(row, file, n, words) {
  if (words) { row.remove(); say(words); return; } // refused: sending it again would not help
  const again = document.createElement("button");
  again.type = "button"; again.className = "btn sm sec retry";
  again.textContent = form.dataset.failed + " · " + form.dataset.again;
  again.addEventListener("click", () => send(row, file, n));
  row.append(again);
}

async function shrink(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? blob : file;
  } catch (error) {
    return file; // HEIC in an old webview: the server makes it small
  }
}

function post(blob, n, progress) {
  return new Promise((done) => {
    const data = new FormData(), request = new XMLHttpRequest();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("key", form.elements.key.value);
    data.append("n", n);
    data.append("file", blob, blob.name || "photo.jpg");
    request.open("POST", form.dataset.photo);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 120000;
    request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
    request.onload = () => {
      let body = null;
      try { body = JSON.parse(request.responseText); } catch (error) { body = null; }
      if (request.status === 200 && body) done(body);
      else if (request.status >= 400 && request.status < 500 && body && body.error) done({ words: body.error.message + (body.error.todo || "") });
      else done(null);
    };
    request.onerror = request.ontimeout = () => done(null);
    request.send(data);
  });
}

// Neighbours reported it too; what kind it may be

function similar() {
  const box = document.getElementById("similar");
  let timer = 0, asked = "";
  const ask = async () => {
    const text = form.elements.body.value.trim();
    if (text === asked) return;
    asked = text;
    if (text.length < 8) { box.replaceChildren(); return; }
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const name of ["body", "place", "category"]) data.append(name, form.elements[name] ? form.elements[name].value : "");
    try {
      const answer = await fetch(form.dataset.similar, { method: "POST", body: data, credentials: "same-origin" });
      if (answer.ok && form.elements.body.value.trim() === text) box.innerHTML = await answer.text();
    } catch (error) { /* only a help: without it he simply reports */ }
  };
  form.elements.body.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 500); });
  box.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (!pick) return;
    form.elements.category.value = pick.dataset.pick;
    document.getElementById("kinds").open = true;
    pick.closest(".suggestion").remove();
  });
  if (form.elements.body.value) ask();
}

// Map, loaded when asked for

function map() {
  const box = document.getElementById("map"), note = document.getElementById("map-note");
  let made = null;
  for (const radio of form.querySelectorAll("input[name=place]")) {
    radio.addEventListener("change", () => {
      const on = radio.value === "map" && radio.checked;
      box.hidden = note.hidden = !on;
      if (on && !made) made = draw(box, note);
    });
  }
}

async function draw(box, note) {
  try {
    await load(box.dataset);
    const answer = await fetch(box.dataset.layer, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const grids = await answer.json();
    if (!grids.features.length) throw new Error("empty");
    const L = window.L;
    const plan = L.map(box, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25 });
    const layer = L.geoJSON(grids, { style: { color: "#1b5a8f", weight: 2, fillColor: "#e6f0f8", fillOpacity: 0.6 } });
    layer.addTo(plan);
    plan.fitBounds(layer.getBounds());
    let mark = null;
    plan.on("click", (event) => {
      form.elements.lon.value = event.latlng.lng.toFixed(6);
      form.elements.lat.value = event.latlng.lat.toFixed(6);
      if (mark) mark.remove();
      mark = L.circleMarker(event.latlng, { radius: 10, color: "#9e2a22", fillOpacity: 0.8 }).addTo(plan);
      note.textContent = note.dataset.done;
    });
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", box.dataset.label);
  } catch (error) {
    box.hidden = true;
    note.textContent = note.dataset.failed;
  }
}

function load(data) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet"; sheet.href = data.css;
  document.head.append(sheet);
  return new Promise((done, wrong) => {
    const script = document.createElement("script");
    script.src = data.js; script.onload = done; script.onerror = wrong;
    document.head.append(script);
  });
}

// Sending: never a blank page when the net is away

function sending() {
  const button = document.getElementById("send"), words = button.textContent;
  const trouble = document.getElementById("trouble");
  const busy = (text) => { button.textContent = text || words; button.setAttribute("aria-busy", String(Boolean(text))); };
  let under_way = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (under_way) return;
    under_way = true;
    trouble.hidden = true;
    if (waiting.size) busy(form.dataset.waiting);
    while (waiting.size) await new Promise((done) => setTimeout(done, 200));
    busy(form.dataset.busy);
    if (await alive()) { form.submit(); return; }
    trouble.textContent = form.dataset.offline;
    trouble.hidden = false;
    busy("");
    under_way = false;
  });
  window.addEventListener("pageshow", () => { under_way = false; busy(""); });
}

async function alive() {
  try {
    const answer = await fetch(form.dataset.alive, { cache: "no-store" });
    return answer.ok;
  } catch (error) { return false; }
}
