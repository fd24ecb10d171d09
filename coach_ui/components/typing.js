// Streamlit hears of a text area when it is left or on Ctrl+Enter. The draft shall be checked while it is typed: after a short
// pause this presses Ctrl+Enter for the typist, who keeps typing where he is.
(() => {
  const LABEL = "__LABEL__", PAUSE_MS = 400;
  if (window.heyueTyping?.[LABEL]) return;
  (window.heyueTyping ??= {})[LABEL] = true;
  let waiting;
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (area.tagName !== "TEXTAREA" || area.getAttribute("aria-label") !== LABEL) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const press = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, metaKey: true, bubbles: true, cancelable: true };
      area.dispatchEvent(new KeyboardEvent("keydown", press));
    }, PAUSE_MS);
  });
})();
