// Live echo of an amount: “即 ¥305,000.00 叁拾万伍仟元整”. Whole fen in BigInt, never a float.
// The same rules as marketplace/money.py, which decides; this only shows.

(() => {
  const DIGITS = "零壹贰叁肆伍陆柒捌玖";
  const PLACES = ["仟", "佰", "拾", ""];
  const LIMIT = 10n ** 18n; // fen: 10^16 yuan

  const halfWidth = (text) =>
    text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\s/g, "");

  // Text typed in 万元 (6 decimals) or 元 (2 decimals) → fen, or null when it cannot be read.
  function parse(text, unit) {
    const decimals = unit === "yuan" ? 2 : 6;
    const typed = halfWidth(text).replace(/^[¥￥]/, "").replace(unit === "yuan" ? /元$/ : /万元?$/, "");
    const found = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(typed);
    if (!found || (found[2] || "").length > decimals) return null;
    const fen = BigInt(found[1].replace(/,/g, "") + (found[2] || "").padEnd(decimals, "0"));
    return fen < LIMIT ? fen : null;
  }

  function yuan(fen) {
    const whole = (fen / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
    return `¥${whole}.${(fen % 100n).toString().padStart(2, "0")}`;
  }

  function fourDigits(number) {
    let words = "";
    let gap = false;
    [...String(number).padStart(4, "0")].forEach((digit, i) => {
      if (digit === "0") {
        gap = words !== "";
        return;
      }
      words += (gap ? "零" : "") + DIGITS[Number(digit)] + PLACES[i];
      gap = false;
    });
    return words;
  }

  function join(high, unit, low, fullFrom, spellHigh, spellLow) {
    const words = high ? spellHigh(high) + unit : "";
    if (!low) return words;
    return words + (high && low < fullFrom ? "零" : "") + spellLow(low);
  }

  const belowHundredMillion = (n) =>
    join(n / 10000n, "万", n % 10000n, 1000n, fourDigits, fourDigits);

  const yuanInWords = (n) =>
    n === 0n ? "零" : join(n / 100000000n, "亿", n % 100000000n, 10000000n, belowHundredMillion, belowHundredMillion);

  function words(fen) {
    const whole = fen / 100n;
    const jiao = Number((fen % 100n) / 10n);
    const last = Number(fen % 10n);
    if (!jiao && !last) return `${yuanInWords(whole)}元整`;
    let text = whole ? `${yuanInWords(whole)}元` : "";
    if (jiao) text += `${DIGITS[jiao]}角`;
    else if (whole) text += "零";
    return text + (last ? `${DIGITS[last]}分` : "");
  }

  function show(input) {
    const echo = document.getElementById(input.dataset.echo);
    if (!echo) return;
    const fen = parse(input.value, input.dataset.money);
    echo.replaceChildren();
    if (fen === null) return;
    const amount = document.createElement("strong");
    amount.textContent = yuan(fen);
    const lead = document.createElement("span");
    lead.append(`${echo.dataset.lead} `, amount);
    const spelt = document.createElement("span");
    spelt.textContent = words(fen);
    echo.append(lead, spelt);
  }

  for (const input of document.querySelectorAll("input[data-money]")) {
    input.addEventListener("input", (event) => {
      if (!event.isComposing) show(input);
    });
    input.addEventListener("compositionend", () => show(input));
    if (input.value) show(input);
  }

  // For the tests, which compare it with the server's spelling.
  window.marketMoney = { parse, yuan, words };
})();
