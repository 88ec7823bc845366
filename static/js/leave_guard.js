// Ask before leaving a form with unsaved text. Sending the form, by any of its buttons, is not leaving.

(() => {
  for (const form of document.querySelectorAll("form[data-leave-guard]")) {
    let changed = false;
    let sending = false;
    const mark = () => {
      changed = true;
    };
    form.addEventListener("input", mark);
    form.addEventListener("change", mark);
    form.addEventListener("submit", () => {
      sending = true;
    });
    // Coming back through the browser's history: the form is being edited again.
    window.addEventListener("pageshow", () => {
      sending = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (changed && !sending) event.preventDefault();
    });
  }
})();
