// Bring the cited passage into view, and the keyboard with it.
watch("value", () => {
  const title = element.querySelector("h2");
  if (!title) return;
  title.focus({ preventScroll: true });
  const source = element.querySelector(".zd-source");
  const mark = element.querySelector("mark");
  if (mark) source.scrollTop = Math.max(0, mark.offsetTop - source.clientHeight / 3);
});
