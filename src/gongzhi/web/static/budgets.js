// The ballot: how much is ticked, said beside the button; and a list that narrows while typing.
const form = document.querySelector("#ballot");
if (form) {
  const total = document.querySelector("#total");
  const yuan = (fen) => (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2 });
  const tell = () => {
    const ticked = [...form.querySelectorAll("input[name=projects]:checked")];
    const fen = ticked.reduce((sum, box) => sum + Number(box.dataset.fen), 0);
    total.textContent = total.dataset.words.replace("{n}", ticked.length).replace("{yuan}", yuan(fen));
  };
  form.addEventListener("change", tell);
  total.hidden = false;
  tell();
}
