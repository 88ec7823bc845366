// Small comforts for every page; everything works without them.

(() => {
  // The error summary takes the focus, so that a screen reader begins there.
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  // While a Chinese word is being composed, Enter chooses a character; it must not send the search.
  for (const form of document.querySelectorAll("form[data-search]")) {
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
    });
  }

  // Escape closes an open menu and gives the focus back to its button.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.tm-menu-narrow[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
