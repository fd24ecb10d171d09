// Screen readers get the names that Streamlit leaves out (the input) or says in English (the button).
(() => {
  const name = () => {
    for (const input of document.querySelectorAll('[data-testid="stFileUploaderDropzoneInput"]')) input.setAttribute("aria-label", "选择文件");
    for (const button of document.querySelectorAll('[data-testid="stFileUploaderDropzone"] button')) button.setAttribute("aria-label", "选择文件");
  };
  name();
  if (window.heyueFilePicker) return;
  window.heyueFilePicker = new MutationObserver(name);
  window.heyueFilePicker.observe(document.body, { childList: true, subtree: true });
})();
