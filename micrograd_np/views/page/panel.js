// Panel: what happens in a step, in words, formulas and numbers; and the game of predicting it.

let predicting = false;
const revealed = new Set(); // steps whose answers were seen
const score = { right: 0, asked: 0 };

const isHidden = (step) => predicting && ["forward", "backward"].includes(steps[step].kind) && !revealed.has(step);
const close = (guess, x) => Math.abs(guess - x) <= Math.max(0.02 * Math.abs(x), 1e-9);

// A value: a text, or the strip of an array beside its shape.
function valued(v, kind) {
  if (!isGrid(v)) return make("span", { class: kind + (isStrange(v) ? " strange" : "") }, words(v));
  return make("span", { class: `${kind} grid` }, stripImage(v), " ", muted(words(v)));
}

// A number to be predicted: a field to type it into, and whether it was right.
function question(v, kind, label, onDone) {
  if (!isNumber(v)) return make("span", { class: "asked" }, "?");
  const field = make("input", { class: "guess", inputmode: "decimal", "aria-label": `Predict ${label}`, placeholder: "?", size: 8, autocomplete: "off" });
  const at = make("form", { class: "question" }, field);
  at.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim().replace("−", "-").replace(",", ".");
    if (!text || Number.isNaN(Number(text))) return;
    const right = close(Number(text), Number(v));
    score.asked += 1;
    score.right += right;
    at.replaceChildren(make("span", { class: right ? "right" : "wrong" }, right ? "✓ " : `✗ ${text} → `), valued(v, kind));
    onDone();
  });
  return at;
}

// Questions of one step: once all are answered, the step is revealed.
function quiz(step) {
  let open = 0;
  return (v, kind, label) => {
    if (!isHidden(step)) return valued(v, kind);
    if (isNumber(v)) open += 1;
    return question(v, kind, label, () => {
      open -= 1;
      if (open === 0) { revealed.add(step); show(state.step, true); } else $("panel").querySelector("input")?.focus();
      tally();
    });
  };
}

const size = (v) => (v && v.s ? v.s.reduce((a, b) => a * b, 1) : 1);

const heading = (kind, verb, card, more = "") => {
  const scopes = within(card).toReversed().map((s) => data.scopes[s].t).join(" › ");
  return make("h2", {}, make("b", { class: kind }, verb), " ", ...letters(title(card) || "result"), more, scopes ? muted(` in ${scopes}`) : "");
};

function localDerivative(arrow) {
  const { y, n, w } = arrow;
  const symbol = y.length ? [...formula(y)] : [];
  const value = n === undefined || n === null ? null : number(n);
  if (!symbol.length) return [value ?? (w === "" ? "1" : w)];
  const plugged = filled(y);
  const parts = [...symbol];
  if (plugged !== null && plugged !== value && plugged !== say(y) && y.length > 1) parts.push(muted(" = "), plugged);
  return value === null || say(y) === value ? parts : [...parts, muted(" = "), value];
}

function forwardPanel(step, card) {
  const { f, v } = data.cards[card];
  const ask = quiz(step);
  const plugged = filled(f);
  const equation = make("div", { class: "equation" },
    make("span", {}, ...letters(title(card))), make("span", {}, "="), make("span", {}, ...formula(f)),
    ...(plugged === null ? [] : [make("span"), make("span", {}, "="), make("span", {}, plugged)]),
    make("span"), make("span", {}, "="), make("span", {}, ask(v, "value", title(card))));
  const kept = entering[card].filter((arrow) => arrow.s !== undefined);
  const list = make("dl", {}, kept.map((arrow) => make("div", {}, make("dt", {}, fraction(card, arrow.t), " ="), make("dd", {}, ...localDerivative(arrow)))));
  const aside = kept.length ? make("div", { class: "aside" }, make("h3", {}, "Kept for the way back"), list) : "";
  return [heading("forward", "Forward", card), make("div", { class: "columns" }, equation, aside)];
}

function seedPanel(card) {
  const one = make("div", { class: "equation" }, fraction(root, root), make("span", {}, "="), make("span", {}, valued(data.cards[card].g, "gradient")));
  const why = isNumber(data.seed) ? "A small change of the result changes it by as much. From here every step multiplies by a local derivative." : "The gradient that backward was given. From here every step multiplies by a local derivative.";
  return [heading("backward", "Backward", card, " starts the way back"), one, make("p", {}, why)];
}

function backwardPanel(step, card) {
  const g = data.cards[card].g;
  const ask = quiz(step);
  const incoming = make("p", { class: "incoming" }, "incoming ", fraction(root, card), " = ", ...(entering[card].some((arrow) => arrow.e) ? [make("i", {}, "g"), " = "] : []), valued(g, "gradient"));
  const names = ["to", "chain rule", "local derivative", "contribution", "sum so far"];
  const head = make("tr", {}, names.map((name) => make("th", { scope: "col" }, name)));
  const rows = entering[card].filter((arrow) => arrow.s !== undefined).map((arrow) => {
    const { t, c, s, n, e } = arrow;
    const added = c !== s && JSON.stringify(c) !== JSON.stringify(s);
    const scalar = isNumber(c) && isNumber(g) && n !== undefined && n !== null;
    const factor = n < 0 ? `(${number(n)})` : number(n);
    const product = scalar ? [make("span", { class: "product" }, `${number(g)} · ${factor}`), muted(" = ")] : e && e.length ? [make("span", { class: "product" }, ...formula(e)), muted(" = ")] : [];
    const sum = isHidden(step) ? make("span", { class: "asked" }, "?") : valued(s, "gradient");
    const summed = e && size(c) < size(g) && !say(e).includes("@") ? muted(" summed") : "";
    const columns = [
      [fraction(root, t), added ? " += " : " = ", fraction(root, card), " · ", fraction(card, t)],
      localDerivative(arrow),
      [...product, ask(c, "gradient", `the contribution to ${title(t)}`), summed],
      [sum]];
    return make("tr", {}, make("th", { scope: "row" }, ...letters(title(t))), columns.map((column, i) => make("td", { "data-name": names[i + 1] }, ...column)));
  });
  const top = make("div", { class: "top" }, heading("backward", "Backward", card), incoming);
  return [top, make("table", { class: rows.length > 3 ? "many" : null }, make("thead", {}, head), make("tbody", {}, rows))];
}

function gradientList(which) {
  const leaves = data.cards.flatMap((card, i) => (card.f || !card.t || (which === "g" && card.g === undefined) ? [] : [i]));
  const kind = which === "g" ? "gradient" : "value";
  return make("dl", { class: "leaves" }, leaves.map((i) => make("div", {},
    make("dt", {}, ...(which === "g" ? [fraction(root, i)] : letters(title(i))), " ="),
    make("dd", {}, valued(data.cards[i][which], kind)))));
}

function startPanel() {
  const keys = make("p", { class: "muted" }, make("kbd", {}, "→"), " computes the first value. ", make("kbd", {}, "b"), " jumps to the way back, ", make("kbd", {}, "?"), " shows all keys.",
    off ? "" : " Click a leaf to change its value.");
  return [make("h2", {}, "Given"), gradientList("v"), keys];
}

function endPanel() {
  return [make("h2", {}, make("b", { class: "backward" }, "Done"), muted(" every gradient is the sum of its contributions")), gradientList("g")];
}

function explain(step) {
  const { kind, card } = steps[step];
  const make_ = { start: startPanel, end: endPanel, seed: () => seedPanel(card), forward: () => forwardPanel(step, card), backward: () => backwardPanel(step, card) };
  $("panel").replaceChildren(...make_[kind]());
  if (!isHidden(step)) return;
  const button = make("button", { type: "button", id: "reveal", onclick: () => reveal(step) }, "Reveal");
  $("panel").querySelector("h2").append(" ", button);
}

function reveal(step) {
  revealed.add(step);
  show(step, true);
}

function tally() {
  $("score").textContent = predicting && score.asked ? `${score.right} of ${score.asked} right` : "";
}
