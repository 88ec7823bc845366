// Asks the server what a search box may mean: one question at a time, and none twice while the page is open.

(() => {
  const KEPT = 50; // answers remembered

  class SuggestionSource {
    constructor(form) {
      this.form = form;
      this.known = new Map();
    }

    stop() {
      this.request?.abort();
    }

    // The rows for what the form holds now; null when the server refuses or is away, or another question came.
    async rows() {
      const address = new URL(this.form.dataset.suggest, location.href);
      address.search = new URLSearchParams(new FormData(this.form)).toString();
      return this.known.get(address.search) ?? (await this.fetched(address));
    }

    async fetched(address) {
      this.stop();
      this.request = new AbortController();
      try {
        const headers = { Accept: "application/json" };
        const answer = await fetch(address, { headers, signal: this.request.signal, credentials: "same-origin" });
        // Too many questions: no suggestions, no fuss.
        if (!answer.ok) return null;
        const rows = (await answer.json()).suggestions;
        this.known.set(address.search, rows);
        if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
        return rows;
      } catch {
        return null;
      }
    }
  }

  window.SuggestionSource = SuggestionSource;
})();
