// 知答 in a corner of another site: <script src="https://…/widget.js" defer></script>
// The server lists the sites that may do so (zhida serve --embed https://that.site).
(() => {
  if (window.zhidaWidget) return;
  const script = document.currentScript;
  const home = new URL("/", script.src).href;
  const label = script.dataset.label || "问知答";
  const host = document.createElement("div");
  window.zhidaWidget = host;
  const root = host.attachShadow({ mode: "open" });

  // A constructed style sheet works under a policy that forbids inline styles.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { box-sizing: border-box; font-family: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    button { font-size: 16px; border: 0; cursor: pointer; }
    button:focus-visible { outline: 3px solid #5eead4; outline-offset: 2px; }
    .open {
      position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; min-height: 48px; padding: 0 20px;
      border-radius: 24px; background: #0f766e; color: #fff; box-shadow: 0 4px 16px rgba(0, 0, 0, .3);
    }
    .panel {
      position: fixed; right: 20px; bottom: 80px; z-index: 2147483000; width: 400px; height: min(640px, calc(100dvh - 100px));
      display: flex; flex-direction: column; border-radius: 16px; overflow: hidden; background: #f8fafc;
      box-shadow: 0 8px 40px rgba(0, 0, 0, .35);
    }
    .panel[hidden] { display: none; }
    .bar { display: flex; justify-content: space-between; align-items: center; background: #0f766e; color: #fff; padding: 4px 4px 4px 16px; }
    .close { min-width: 44px; min-height: 44px; background: none; color: inherit; border-radius: 8px; }
    iframe { flex: 1; border: 0; width: 100%; }
    @media (max-width: 480px) { .panel { inset: 0; width: auto; height: auto; border-radius: 0; } }
  `);
  root.adoptedStyleSheets = [sheet];

  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const button = make("button", { className: "open", type: "button", textContent: label });
  const panel = make("div", { className: "panel", hidden: true });
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", label);
  const bar = make("div", { className: "bar" });
  const close = make("button", { className: "close", type: "button", textContent: "关闭" });
  bar.append(make("span", { textContent: label }), close);
  panel.append(bar);
  root.append(button, panel);

  const toggle = (shown) => {
    // The chat loads when it is wanted, and then stays: closing loses nothing.
    if (shown && !panel.querySelector("iframe")) {
      panel.append(make("iframe", { src: home, title: label, allow: "clipboard-write" }));
    }
    panel.hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    (shown ? close : button).focus();
  };
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => toggle(panel.hidden));
  close.addEventListener("click", () => toggle(false));
  root.addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(false); });
  document.body.append(host);
})();
