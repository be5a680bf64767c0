// The card of a leaf, opened: change its value, or read its entries.

let opened = null;
function open(card) {
  opened = card;
  const { t, v, s } = data.cards[card];
  const box = $("editor");
  const heading_ = make("h3", {}, ...letters(t), isGrid(v) ? muted(` ${words(v)} ${v.d}`) : "");
  box.replaceChildren(heading_, ...(canEdit(card) ? fields(card, Number(original[card])) : reading(v)));
  box.hidden = false;
  const at = cards[card].group.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  box.style.top = `${Math.max(8, at.bottom + 8 + size.height > innerHeight ? at.top - size.height - 8 : at.bottom + 8)}px`;
  (box.querySelector("input") ?? box.querySelector("button")).focus();
}

function fields(card, start) {
  const reach_ = Math.max(2, 2 * Math.abs(start));
  const value = Number(data.cards[card].v);
  const field = make("input", { type: "number", step: "any", "aria-label": `Value of ${title(card)}` });
  const range = make("input", { type: "range", min: start - reach_, max: start + reach_, step: reach_ / 100, "aria-label": `Value of ${title(card)}, by hand` });
  [field.value, range.value] = [Number(value.toPrecision(6)), value];
  const put = (x, other) => {
    if (x === "" || !Number.isFinite(Number(x))) return;
    other.value = x;
    change(card, Number(x));
    arrows.forEach((arrow) => arrow.write());
    show(state.step, true);
  };
  field.addEventListener("input", () => put(field.value, range));
  range.addEventListener("input", () => put(range.value, field));
  const back = make("button", { type: "button", onclick: () => { field.value = range.value = start; put(start, range); change(card, original[card]); show(state.step, true); } }, "Reset");
  return [field, range, make("div", { class: "row" }, back, make("button", { type: "button", onclick: shut }, "Close"))];
}

function reading(v) {
  const why = off ? make("p", { class: "muted" }, `It cannot be changed here: ${off}.`) : "";
  const rows = isGrid(v) ? Array.from({ length: v.g[0] }, (_, i) => make("tr", {}, v.v.slice(i * v.g[1], (i + 1) * v.g[1]).map((c) => make("td", {}, number(c, 3))))) : [];
  const grid = rows.length ? make("div", { class: "entries", tabindex: 0 }, make("table", {}, make("tbody", {}, rows))) : make("p", { class: "value" }, words(v));
  const note = isGrid(v) ? make("p", { class: "muted" }, `${spoken(v)}${v.b ? `; each number is the mean of up to ${shape(v.b)} entries` : ""}`) : "";
  return [grid, note, why, make("button", { type: "button", onclick: shut }, "Close")];
}

function shut() {
  if ($("editor").hidden) return;
  $("editor").hidden = true;
  cards[opened].group.focus({ preventScroll: true });
}

function restore() {
  reset();
  $("editor").hidden = true;
  arrows.forEach((arrow) => arrow.write());
  show(state.step, true);
}
