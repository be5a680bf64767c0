// Search: names, formulas and signs; w1 and w_1 find w₁.

const simple = (words) => words.toLowerCase().replace(/[₀-₉]/g, (c) => "₀₁₂₃₄₅₆₇₈₉".indexOf(c)).replace(/[_,\s]/g, "");
const searched = data.cards.map((card) => simple(`${card.t} ${card.b ?? ""} ${card.f ? say(card.f) : ""}`));
const named = data.cards.map((card) => simple(card.t));

function matches() {
  const query = simple($("search").value);
  if (!query) return [];
  const found = data.cards.flatMap((_, i) => (data.cards[i].r !== "number" && searched[i].includes(query) ? [i] : []));
  const rank = (i) => (named[i] === query ? 0 : named[i].startsWith(query) ? 1 : 2);
  return found.sort((a, b) => rank(a) - rank(b) || a - b);
}

function search() {
  const found = matches();
  state.found = -1;
  cards.forEach((card, i) => card.group.classList.toggle("match", found.includes(i)));
  $("found").textContent = $("search").value ? (found.length ? `${found.length} found` : "none") : "";
}

function next() {
  const found = matches();
  if (!found.length) return;
  state.found = (state.found + 1) % found.length;
  $("found").textContent = `${state.found + 1} of ${found.length}`;
  go(stepOf(found[state.found], state.step));
  light(found[state.found]);
}

// Hover: what a card depends on and what depends on it.

function light(card) {
  const lit = card === null ? null : related(card);
  canvas.classList.toggle("hover", lit !== null);
  cards.forEach((at, i) => at.group.classList.toggle("lit", Boolean(lit?.has(i))));
  const up = card === null ? null : reach(card, entering, "t"), down = card === null ? null : reach(card, leaving, "h");
  arrows.forEach(({ arrow, path, label }) => {
    const on = Boolean(lit) && ((up.has(arrow.t) && up.has(arrow.h)) || (down.has(arrow.t) && down.has(arrow.h)));
    path.classList.toggle("lit", on);
    label.classList.toggle("lit", on);
  });
}

function tip(event) {
  const words = event.target.dataset?.tip;
  $("tip").hidden = !words;
  if (!words) return;
  $("tip").textContent = words;
  $("tip").style.left = `${Math.min(event.clientX + 12, innerWidth - 200)}px`;
  $("tip").style.top = `${event.clientY + 14}px`;
}
