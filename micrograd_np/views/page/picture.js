// Picture: cards, arrows and scopes as SVG, each drawn once and then only told what it is now.

const ROW = 20, PAD = 9, CELL = 9, GAP = 60, NEAR = 26;
const canvas = $("graph");
const layers = ["scopes", "arrows", "cards", "labels"].map((name) => make("g", { class: name }));
canvas.append(...layers);
const [scopeLayer, arrowLayer, cardLayer, labelLayer] = layers;

function text(x, y, name, children, room) {
  const at = make("text", { x, y, class: name }, children);
  at.room = room;
  return at;
}

// Squeeze a text into its room; cut it where that would be unreadable.
function squeeze(at) {
  if (!at.room) return;
  at.removeAttribute("textLength");
  const width = at.getComputedTextLength();
  const all = [...at.textContent];
  if (width > 1.3 * at.room && all.length > 3) {
    const kept = Math.max(1, Math.floor((all.length * at.room) / width) - 1);
    at.replaceChildren(make("title", {}, all.join("")), make("tspan", { class: "name" }, all.slice(0, kept).join("") + "…"));
  } else if (width > at.room) {
    at.setAttribute("textLength", at.room);
    at.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

// The cells of an array: blue above zero, orange below, the stronger the further from it.
function strip(v, x, y) {
  const [rows, columns] = v.g;
  const most = Math.max(...v.v.map((c) => Math.abs(Number(c))).filter(Number.isFinite), 1e-300);
  const about = v.b ? `mean of ${shape(v.b)} entries: ` : "";
  const cells = v.v.map((c, k) => {
    const [i, j] = [Math.floor(k / columns), k % columns];
    const value = Number(c);
    const kind = Number.isFinite(value) ? (value < 0 ? "below" : "above") : "strange";
    const depth = Number.isFinite(value) ? 0.08 + 0.92 * Math.abs(value) / most : 1;
    const index = v.s.length === 1 ? `[${j}]` : `[${i}, ${j}]`;
    const cell = { class: `cell ${kind}`, x: x + j * CELL, y: y + i * CELL, width: CELL - 1, height: CELL - 1, "fill-opacity": depth.toFixed(2) };
    return make("rect", { ...cell, "data-tip": v.b ? about + number(c) : `${index} ${number(c)}` });
  });
  return make("g", { class: "strip" }, cells);
}

function stripImage(v) {
  const [rows, columns] = v.g;
  const size = { width: columns * CELL, height: rows * CELL, role: "img", "aria-label": spoken(v) };
  return make("svg", size, strip(v, 0, 0));
}

// A value on its card, right-aligned: a text or a strip, in a group of its own.
function amount(v, right, top, name, sign = "") {
  const at = make("g", { class: name + (isStrange(v) ? " strange" : "") });
  if (v === undefined || v === null) return at;
  if (isGrid(v)) {
    if (sign) at.append(text(right - v.g[1] * CELL - 3, top + 14, "end", sign.trim()));
    at.append(strip(v, right - v.g[1] * CELL, top + 3));
  } else at.append(text(right, top + 14.5, "end", sign + words(v)));
  return at;
}

const height = (v) => (isGrid(v) ? Math.max(v.g[0] * CELL + 5, ROW) : ROW);

class Card {
  constructor(i) {
    const card = data.cards[i];
    [this.i, this.card, this.at] = [i, card, card.p];
    const [, , width, tall] = card.p;
    const role = { class: `card ${card.r}`, tabindex: card.r === "number" ? null : 0, role: "button" };
    this.group = make("g", role);
    cardLayer.append(this.group);
    if (card.r === "number") {
      this.group.append(text(width / 2, 14, "middle muted", words(card.v)));
      this.group.setAttribute("role", "img");
      return;
    }
    const sign = card.b ? Math.max(26, width - this.inner()) : 0;
    this.group.append(make("rect", { width, height: tall, rx: 8 }));
    if (card.b) this.group.append(text(sign / 2, tall / 2 + 6, "badge middle", card.b), make("line", { x1: sign, x2: sign, y1: 0, y2: tall }));
    this.right = width - PAD;
    this.beside = !card.f && !isGrid(card.v);
    const named = [...letters(card.t, true)];
    if (card.f && !card.b) named.push(make("tspan", { class: "muted" }, card.t ? " = " : ""), ...formula(card.f, true));
    const room = this.right - sign - PAD - (this.beside ? 14 : 0);
    const taken = this.beside ? (isNumber(card.v) ? 62 : 7.6 * words(card.v).length) : 0;
    this.name = text(sign + PAD, 19, "title", named, Math.max(room - taken, 12));
    this.group.append(this.name);
    const top = this.beside ? 4.5 : 4.5 + ROW;
    const aside = height(card.v) > ROW; // strips of several rows stand side by side
    this.places = [[aside ? sign + PAD + card.v.g[1] * CELL : this.right, top], [this.right, aside ? top : top + ROW]];
    this.value = this.group.appendChild(make("g"));
    this.gradient = this.group.appendChild(make("g"));
  }

  inner() {
    return this.card.p[2] - Math.max(26, [...this.card.b].length * 10 + 12);
  }

  show(state) {
    const { value, gradient } = state;
    if (this.card.r === "number" || (this.said && this.value.shown === value && this.gradient.shown === gradient)) return;
    this.said = true;
    this.set("value", value, 0, "");
    this.set("gradient", gradient, 1, "∂ ");
    const said = [this.card.t || "result", this.card.f ? `= ${say(this.card.f)}` : "", value === undefined ? "" : `: ${value === null ? "hidden" : spoken(value)}`];
    if (gradient !== undefined) said.push(`, gradient ${gradient === null ? "hidden" : spoken(gradient)}`);
    this.group.setAttribute("aria-label", said.join(" "));
  }

  set(which, v, row, sign) {
    if (this[which].shown === v) return;
    const hidden = v === null ? { x: "?" } : v;
    const drawn = amount(hidden, ...this.places[row], which, sign);
    drawn.shown = v;
    this[which].replaceWith(drawn);
    this[which] = drawn;
    const at = drawn.querySelector(".end");
    if (!at || isGrid(v)) return;
    at.room = this.card.p[2] - 2 * PAD;
    if (9 * at.textContent.length > at.room) squeeze(at); // measuring makes the browser lay out
  }
}

class Arrow {
  constructor(arrow) {
    this.arrow = arrow;
    this.path = arrowLayer.appendChild(make("path", { class: arrow.s === undefined ? "constant" : "", "marker-end": "url(#head)" }));
    this.label = labelLayer.appendChild(make("g"));
    this.write();
  }

  write() {
    const { y, n, l } = this.arrow;
    this.label.replaceChildren();
    if (!l) return;
    const shown = n === undefined || n === null ? "" : number(n, 3);
    const pieces = formula(y, true);
    const value = shown && !(y.length === 0 && shown === "1") ? (y.length ? " = " : "") + shown : "";
    const last = make("tspan", { class: "n" }, value || (y.length ? "" : this.arrow.w));
    this.label.append(text(0, 2, "middle", [...pieces, last], l[2] + 6));
    this.label.querySelectorAll("text").forEach(squeeze);
  }
}

class Scope {
  constructor(scope, s) {
    Object.assign(this, { scope, s });
    this.group = scopeLayer.appendChild(make("g", { class: `scope ${this.depth() % 2 ? "odd" : "even"}` }));
    this.box = this.group.appendChild(make("rect", { rx: 10 }));
    this.button = this.group.appendChild(make("g", { class: "fold", tabindex: 0, role: "button" }));
    this.mark = text(0, 0, "mark", "");
    this.title = text(14, 0, "", scope.t);
    this.inside = make("g");
    this.button.append(this.mark, this.title);
    this.group.append(this.inside);
    this.cards = data.cards.flatMap((_, i) => (within(i).includes(s) ? [i] : []));
    this.result = this.cards.filter((i) => data.cards[i].f).at(-1) ?? this.cards.at(-1);
  }

  depth() {
    return data.scopes[this.s].u < 0 ? 1 : 2;
  }
}

// The scopes around a card, the innermost first.
function within(card) {
  const found = [];
  for (let s = data.cards[card].s; s >= 0; s = data.scopes[s].u) found.push(s);
  return found;
}

const cards = data.cards.map((_, i) => new Card(i));
const arrows = data.arrows.map((arrow) => new Arrow(arrow));
const scopes = data.scopes.map((scope, s) => new Scope(scope, s));
const folded = new Set();
