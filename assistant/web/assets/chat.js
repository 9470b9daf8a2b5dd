// One listener for every button of ours, wherever the chat window or a panel has put it.
window.zhidaSend = (action, data = {}) => trigger("click", { action, ...data });

const copyNear = (button) => {
  const source = button.closest(".zd-card, .zd-copyable").querySelector(".zd-summary");
  return window.zhidaCopy(source.innerText, button);
};

const isBox = (node) => node instanceof Element && node.closest("#zd-box") !== null;
const hints = () => [...document.querySelectorAll("#zd-hints .zd-hint")];
const box = () => document.querySelector("#zd-box textarea, #zd-box input");

const move = (event) => {
  const all = hints();
  if (!all.length || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const at = all.indexOf(document.activeElement);
  if (at < 0 && !(isBox(event.target) && !event.isComposing)) return;
  event.preventDefault();
  const next = event.key === "ArrowDown" ? at + 1 : (at < 0 ? all.length : at) - 1;
  (all[next] || box()).focus();
};

const hasPicture = (transfer) => [...(transfer?.items || [])].some((item) => item.kind === "file");
const refusePicture = (event) => {
  if (!hasPicture(event.clipboardData || event.dataTransfer)) return;
  event.preventDefault();
  event.stopPropagation();
  window.zhidaSend("picture");
};

// A new question goes to the top of the window with its answer below: a long answer is read from its beginning.
// What is said without being asked for goes there itself.
const follow = () => {
  const log = document.querySelector('#zd-chat [role="log"]');
  const [before, newest] = [...(log?.querySelectorAll(".message .message") || [])].slice(-2);
  const bubble = (item) => item?.closest(".bot, .user");
  const last = bubble(before) === bubble(newest) ? newest : [...log.querySelectorAll(".user.message")].at(-1);
  if (!last) return;
  const room = last.getBoundingClientRect().top - log.getBoundingClientRect().top;
  log.scrollTo({ top: log.scrollTop + room - 12 });
};
const watchTalk = () => {
  const chat = document.querySelector("#zd-chat");
  if (!chat) return setTimeout(watchTalk, 100);
  let shown = 0;
  new MutationObserver(() => {
    const count = chat.querySelectorAll(".message").length;
    if (count > shown) requestAnimationFrame(follow);
    shown = count;
  }).observe(chat, { childList: true, subtree: true });
};

if (!window.zhidaReady) {
  window.zhidaReady = true;
  watchTalk();
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".zd-button");
    const does = [...(button?.classList || [])].find((name) => name.startsWith("zd-do--"));
    if (!does) return;
    const [, action, turn, n] = does.split("--");
    if (action === "erase" && !confirm("删除您在这里留下的全部提问和评价？删除后不能恢复。")) return;
    if (action === "copy") copyNear(button);
    else window.zhidaSend(action, { turn, n, q: button.textContent });
    if (action === "cite") window.zhidaOpener = button;
    if (action === "close") window.zhidaOpener?.focus();
    if (action === "ask" || action === "picture") box()?.focus();
  });
  // Enter that ends an input method's composition chooses a word; it does not send.
  for (const kind of ["keydown", "keypress"]) {
    document.addEventListener(kind, (event) => {
      if (event.key === "Enter" && isBox(event.target) && (event.isComposing || event.keyCode === 229)) {
        event.stopImmediatePropagation();
      }
    }, true);
  }
  document.addEventListener("keydown", move);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (hints().length) document.querySelector("#zd-hints [data-for]")?.remove();
    else if (document.querySelector("#zd-panel .zd-source")) document.querySelector("#zd-panel .zd-do--close").click();
  });
  document.addEventListener("paste", refusePicture, true);
  document.addEventListener("drop", refusePicture, true);
  document.addEventListener("dragover", (event) => { if (hasPicture(event.dataTransfer)) event.preventDefault(); }, true);
}
