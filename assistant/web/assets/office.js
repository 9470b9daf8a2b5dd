// Buttons of the staff's pages: data-copy copies, data-do is reported to the server with all data of the button.
window.zhidaAct = (data) => trigger("click", data);

const act = (button) => {
  window.zhidaAct({ ...button.dataset });
  const sheet = document.querySelector({ open: "#zd-sheet", "open-article": "#zd-article" }[button.dataset.do] || "#none");
  if (sheet) setTimeout(() => sheet.scrollIntoView({ behavior: "smooth", block: "start" }), 600);
};

const typing = (node) => node instanceof Element && node.closest("input, textarea, select, [contenteditable]") !== null;

if (!window.zhidaOffice) {
  window.zhidaOffice = true;
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".zd-do--close")) { event.target.closest(".zd-source")?.remove(); return; }
    const button = event.target.closest?.("[data-copy], [data-do]");
    if (!button) return;
    if (button.dataset.copy !== undefined) window.zhidaCopy(button.dataset.copy, button);
    else if (!button.dataset.ask || window.confirm(button.dataset.ask)) act(button);
  });
  // Keys of the search page; each button says its own in data-key.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const box = document.querySelector("#zd-query textarea, #zd-query input");
    if (event.key === "/" && box) { event.preventDefault(); box.focus(); box.select(); return; }
    if (!/^[\w?]$/.test(event.key)) return;
    const button = [...document.querySelectorAll("[data-key]")]
      .find((item) => item.dataset.key === event.key && item.offsetParent !== null);
    if (button) { event.preventDefault(); button.click(); }
  });
}
