// Gradio's own input event comes with key presses alone, which an input method does not make: listen ourselves.
const box = () => document.querySelector("#zd-box textarea, #zd-box input");
const text = () => (box()?.value || "").trim();
const list = () => element.querySelector("[data-for]");
let timer;

const ask = () => {
  clearTimeout(timer);
  if (list()?.dataset.for !== text()) list()?.remove();
  if (text()) timer = setTimeout(() => trigger("input", { text: text() }), 150);
};

document.addEventListener("input", (event) => {
  if (event.target === box() && !event.isComposing) ask();
});
document.addEventListener("compositionend", (event) => {
  if (event.target === box()) ask();
});
// A suggestion that arrives after its question was sent or changed is of no use any more.
watch("value", () => {
  if (list() && list().dataset.for !== text()) list().remove();
});
