// Results come while one types. Gradio's own input event does not know of input methods, so we listen ourselves.
const box = () => document.querySelector("#zd-query textarea, #zd-query input");
const text = () => (box()?.value || "").trim();
const shown = () => element.querySelector("[data-for]")?.dataset.for || "";
let timer;
let tries = 0;

const ask = () => {
  clearTimeout(timer);
  timer = setTimeout(() => { if (shown() !== text()) trigger("input", { q: text() }); }, 200);
};
const typed = () => { tries = 3; ask(); };

document.addEventListener("input", (event) => {
  if (event.target === box() && !event.isComposing) typed();
});
document.addEventListener("compositionend", (event) => {
  if (event.target === box()) typed();
});
// Replies may overtake each other: what is shown last must be for what stands in the box.
watch("value", () => {
  if (shown() !== text() && tries > 0) { tries -= 1; ask(); }
});
