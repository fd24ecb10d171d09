// Enter says the line, Shift+Enter begins a new one. While an input method composes a word, Enter belongs to it.
// Leaving the box hands its text over; the button then sends it, and the writer is back in the box.
(() => {
  const LABEL = "__LABEL__", SEND = "__SEND__";
  if (window.heyueEnter?.[LABEL]) return;
  (window.heyueEnter ??= {})[LABEL] = true;
  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (area.tagName !== "TEXTAREA" || area.getAttribute("aria-label") !== LABEL) return;
    event.preventDefault();
    const button = [...document.querySelectorAll("button")].find((each) => each.textContent.includes(SEND));
    if (!button || !area.value.trim()) return;
    area.blur();
    button.click();
    area.focus();
  }, true);
})();
