// Keys of the workbench: “/” goes to the search by number, J and K walk the rows of a queue, Enter opens.

(() => {
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  function walk(step) {
    const links = [...document.querySelectorAll("[data-rows] tbody tr a:first-of-type")];
    if (!links.length) return;
    const at = links.findIndex((link) => link === document.activeElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const box = document.querySelector('[data-shortcut="/"]');
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "j") {
      walk(1);
    } else if (event.key === "k") {
      walk(-1);
    }
  });
})();
