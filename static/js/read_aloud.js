// 朗读: reads the main part of the page with the browser's own voice. Without a voice the button stays hidden.

(() => {
  for (const button of document.querySelectorAll("[data-read-aloud]")) {
    if (!("speechSynthesis" in window)) break;
    const label = button.querySelector("span");
    const start = label.textContent;
    const rest = () => {
      label.textContent = start;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (speechSynthesis.speaking) {
        speechSynthesis.cancel();
        rest();
        return;
      }
      const speech = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
      speech.lang = document.documentElement.lang;
      speech.rate = 0.9;
      speech.addEventListener("end", rest);
      speechSynthesis.speak(speech);
      label.textContent = button.dataset.stop;
    });
    window.addEventListener("pagehide", () => speechSynthesis.cancel());
  }
})();
