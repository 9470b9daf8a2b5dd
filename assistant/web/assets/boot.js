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

// Copies a text and says so on the button that was pressed.
window.zhidaCopy = async (text, button) => {
  if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(text);
  else {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const label = button.textContent;
  button.textContent = "已复制";
  setTimeout(() => { button.textContent = label; }, 1500);
};

// A full queue is tried again for a while; a login that has ended is said. Nothing that was typed is lost.
(() => {
  const ask = window.fetch;
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const lines = {
    over: "登录已结束，点这里重新登录，再回到本页继续",
    wait: "现在提问的人较多，正在为您排队…",
  };
  const tell = (what) => {
    document.getElementById("zd-line")?.remove();
    if (!what) return;
    const line = Object.assign(document.createElement("div"), { id: "zd-line" });
    line.setAttribute("role", "alert");
    const words = Object.assign(document.createElement(what === "over" ? "a" : "span"), { textContent: lines[what] });
    if (what === "over") Object.assign(words, { href: "/login?next=" + location.pathname, target: "_blank" });
    line.append(words);
    line.addEventListener("click", () => line.remove());
    document.body.prepend(line);
  };
  const send = async (request, tries) => {
    const reply = await ask(...request);
    const again = reply.status === 503 && tries > 0;
    tell(again ? "wait" : reply.status === 401 ? "over" : "");
    if (!again) return reply;
    await pause(1500 + 1000 * Math.random());
    return send(request, tries - 1);
  };
  window.fetch = (...request) => {
    const address = String(request[0]?.url || request[0]);
    return send(request, address.includes("/queue/join") ? 5 : 0);
  };
})();
