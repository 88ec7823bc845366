// Live character counter of text areas: the server has already written the first value.

(() => {
  // Code points, not UTF-16 halves: the server counts the same way.
  const lengthOf = (text) => [...text.replace(/\r\n/g, "\n")].length;

  function show(area) {
    const counter = document.getElementById(area.dataset.counter);
    if (!counter) return;
    const limit = Number(area.dataset.limit);
    const used = lengthOf(area.value);
    counter.textContent = `${used} / ${limit}`;
    counter.classList.toggle("tm-counter--over", used > limit);
  }

  for (const area of document.querySelectorAll("textarea[data-counter]")) {
    area.addEventListener("input", (event) => {
      // Half-typed pinyin is not text yet.
      if (!event.isComposing) show(area);
    });
    area.addEventListener("compositionend", () => show(area));
    show(area);
  }
})();
