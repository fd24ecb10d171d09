// Flags by the keyboard: j and k go to the next and the previous one, y confirms it, n rejects it. The place is the
// focus of the card's first button, so it is seen, and heard by who listens to the page. Nothing happens while somebody types.
(() => {
  if (window.heyueReviewKeys) return;
  window.heyueReviewKeys = true;
  const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"], [role="listbox"], [role="dialog"]';
  const cards = () => [...document.querySelectorAll('[class*="st-key-flag_card_"]')].filter((each) => each.offsetParent);

  function go(card) {
    if (!card) return;
    card.querySelector("button").focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    const turn = card.className.match(/flag_card_\d+_turn_(\d+)/)?.[1];
    document.querySelectorAll(".heyue-turn[data-current]").forEach((each) => delete each.dataset.current);
    const said = document.querySelector(`.heyue-turn[data-turn="${turn}"]`);
    if (said) {
      said.dataset.current = "true";
      said.scrollIntoView({ block: "center" });
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest?.(TYPING)) return;
    const all = cards();
    const at = all.findIndex((each) => each.contains(document.activeElement));
    if (event.key === "j") go(all[Math.min(at + 1, all.length - 1)]);
    else if (event.key === "k") go(all[Math.max(at - 1, 0)]);
    else if ((event.key === "y" || event.key === "n") && at >= 0) {
      all[at].querySelectorAll("button")[event.key === "y" ? 0 : 1].click();
      setTimeout(() => go(cards()[Math.min(at + 1, all.length - 1)]), 0);
    } else return;
    event.preventDefault();
  });
})();
