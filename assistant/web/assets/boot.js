// Runs before Gradio: its own words come in the language that the browser names first.
Object.defineProperty(navigator, "language", { get: () => "zh-CN" });
Object.defineProperty(navigator, "languages", { get: () => ["zh-CN", "zh"] });

// What Gradio does not translate.
(() => {
  const words = __LABELS__;
  const attributes = ["aria-label", "title", "placeholder", "alt"];
  const mend = (element) => {
    // "bot's message: …" repeats the whole message, markup included, to screen readers.
    if (element.getAttribute("aria-label")?.includes("'s message: ")) element.removeAttribute("aria-label");
    for (const name of attributes) {
      const word = words[element.getAttribute(name)];
      if (word) element.setAttribute(name, word);
    }
    for (const child of element.childNodes) {
      const word = child.nodeType === Node.TEXT_NODE && words[child.data.trim()];
      if (word && element.closest(".message, .zd-source, td") === null) child.data = word;
    }
  };
  const mendAll = (root) => {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    mend(root);
    root.querySelectorAll("*").forEach(mend);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") mend(change.target);
      else change.addedNodes.forEach(mendAll);
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: attributes,
  });
})();

// A closed page whose login has ended says so and keeps what was typed: the login opens in another tab.
(() => {
  const ask = window.fetch;
  const tell = () => {
    if (document.getElementById("zd-over")) return;
    const link = document.createElement("a");
    Object.assign(link, { id: "zd-over", href: "/login?next=" + location.pathname, target: "_blank" });
    link.textContent = "登录已结束，点这里重新登录，再回到本页继续";
    link.addEventListener("click", () => link.remove());
    document.body.prepend(link);
  };
  window.fetch = async (...request) => {
    const reply = await ask(...request);
    if (reply.status === 401) tell();
    return reply;
  };
})();
