// Suggestions under the search box while somebody types: a combobox with a list (ARIA authoring practices).
// The server decides what is suggested; without this script the same list is a page of its own.

(() => {
  const WAIT = 180; // ms after the last key

  class Suggestions {
    constructor(form) {
      this.form = form;
      this.input = form.querySelector("input[type=search]");
      this.source = new SuggestionSource(form);
      this.active = -1;
      this.list = document.createElement("ul");
      this.list.id = `${this.input.id}-suggestions`;
      this.list.className = "tm-suggestions";
      this.list.hidden = true;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", form.dataset.suggestLabel);
      this.told = document.createElement("span");
      this.told.className = "visually-hidden";
      this.told.setAttribute("role", "status");
      form.append(this.list, this.told);
      const marks = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id };
      for (const [name, value] of Object.entries(marks)) this.input.setAttribute(name, value);
      this.input.setAttribute("aria-expanded", "false");
      this.listen();
    }

    listen() {
      this.input.addEventListener("input", (event) => {
        // Half-typed pinyin is not text yet; the end of the composition asks.
        if (!event.isComposing) this.askSoon();
      });
      this.input.addEventListener("compositionend", () => this.askSoon());
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.input.addEventListener("blur", () => this.close());
      this.form.addEventListener("submit", () => this.close());
      this.form.querySelector("select")?.addEventListener("change", () => this.close());
      // Pressing the pointer must not take the focus from the box, or the list would close before the click.
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.follow(option);
      });
    }

    onKey(event) {
      // While a Chinese word is being composed, every key belongs to the input method.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        this.onArrow(event);
      } else if (event.key === "Enter" && this.active >= 0) {
        event.preventDefault();
        this.follow(this.list.children[this.active]);
      } else if (event.key === "Escape" && !this.list.hidden) {
        // The first Escape closes the list, the next one may empty the box.
        event.preventDefault();
        this.close();
      }
    }

    onArrow(event) {
      if (this.list.hidden) {
        if (event.key === "ArrowDown" && this.input.value.trim()) this.ask();
        return;
      }
      event.preventDefault();
      const count = this.list.children.length;
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the box itself.
      this.mark(((this.active + 1 + step + count + 1) % (count + 1)) - 1);
    }

    askSoon() {
      clearTimeout(this.timer);
      this.source.stop();
      this.timer = setTimeout(() => this.ask(), WAIT);
    }

    async ask() {
      clearTimeout(this.timer);
      const query = this.input.value.trim();
      if (!query) {
        this.close();
        return;
      }
      const rows = await this.source.rows();
      // Typed on, or gone elsewhere, while the answer was under way.
      if (rows && this.input.value.trim() === query && document.activeElement === this.input) this.show(rows);
    }

    show(rows) {
      this.list.replaceChildren(...rows.map((row, place) => this.option(row, place)));
      this.mark(-1);
      this.list.hidden = rows.length === 0;
      this.input.setAttribute("aria-expanded", String(rows.length > 0));
      this.told.textContent = rows.length ? this.form.dataset.suggestCount.replace("{count}", rows.length) : "";
    }

    option(row, place) {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = row.url;
      for (const [part, text] of [
        ["kind", row.label],
        ["text", row.text],
        ["note", row.note],
      ]) {
        if (!text) continue;
        const span = document.createElement("span");
        span.className = `tm-suggestion-${part}`;
        span.textContent = text;
        option.append(span, " ");
      }
      return option;
    }

    mark(place) {
      this.active = place;
      [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
      const option = this.list.children[place];
      if (option) {
        this.input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        this.input.removeAttribute("aria-activedescendant");
      }
    }

    close() {
      clearTimeout(this.timer);
      this.source.stop();
      this.list.hidden = true;
      this.told.textContent = "";
      this.mark(-1);
      this.input.setAttribute("aria-expanded", "false");
    }

    follow(option) {
      location.assign(option.dataset.url);
    }
  }

  for (const form of document.querySelectorAll("form[data-suggest]")) new Suggestions(form);
})();
