// Places: where everything stands, also when scopes are folded; zoom and pan.

// The outermost folded scope around a card or a scope, or -1.
function foldOf(chain) {
  return chain.findLast((s) => folded.has(s)) ?? -1;
}

const foldSize = (s) => [Math.min(Math.max(120, 9 * [...data.scopes[s].t].length + 44), 260), 3 * ROW + PAD];

// Take the empty stretches out of an axis: from what is occupied to a monotone map of positions.
function scissors(spans, gap) {
  const sorted = spans.toSorted((a, b) => a[0] - b[0]);
  const cuts = [];
  let end = sorted.length ? sorted[0][0] : 0;
  for (const [from, to] of sorted) {
    if (from - end > gap) cuts.push([end, from]);
    end = Math.max(end, to);
  }
  return (x) => cuts.reduce((moved, [from, to]) => {
    const gone = to - from - gap;
    return moved - (x <= from ? 0 : x >= to ? gone : (gone * (x - from)) / (to - from));
  }, x);
}

function place() {
  const hidden = data.cards.map((_, i) => foldOf(within(i)));
  const chain = (s) => { const found = []; for (; s >= 0; s = data.scopes[s].u) found.push(s); return found; };
  const spans = [[], []];
  const occupy = (x, y, width, tall) => {
    spans[0].push([x - width / 2, x + width / 2]);
    spans[1].push([y - tall / 2, y + tall / 2]);
  };
  data.cards.forEach((card, i) => { if (hidden[i] < 0) occupy(...card.p); });
  const shown = scopes.filter(({ s }) => foldOf(chain(s).slice(1)) < 0);
  for (const { s, scope } of shown) {
    const [x, y, width, tall] = scope.p;
    if (folded.has(s)) occupy(x, y, ...foldSize(s));
    else for (const side of [-1, 1]) { spans[0].push([x + (side * width) / 2, x + (side * width) / 2]); spans[1].push([y + (side * tall) / 2, y + (side * tall) / 2 + (side < 0 ? 20 : 0)]); }
  }
  data.arrows.forEach(({ t, h, l }) => { if (l && hidden[t] < 0 && hidden[h] < 0) occupy(l[0], l[1], l[2], 16); });
  const any = folded.size > 0;
  const [fx, fy] = any ? [scissors(spans[0], data.across ? GAP : NEAR), scissors(spans[1], data.across ? NEAR : GAP)] : [(x) => x, (y) => y];
  const boxOf = (i) => {
    const s = hidden[i];
    const [x, y] = s < 0 ? data.cards[i].p : data.scopes[s].p;
    const [width, tall] = s < 0 ? data.cards[i].p.slice(2) : foldSize(s);
    return [fx(x), fy(y), width, tall];
  };
  cards.forEach((card, i) => {
    const [x, y, width, tall] = boxOf(i);
    card.group.classList.toggle("gone", hidden[i] >= 0);
    card.group.setAttribute("transform", `translate(${(x - width / 2).toFixed(1)} ${(y - tall / 2).toFixed(1)})`);
  });
  arrows.forEach((at) => placeArrow(at, hidden, boxOf, fx, fy));
  scopes.forEach((at) => placeScope(at, shown.includes(at), fx, fy));
  bounds = boundsOf(hidden, boxOf, shown, fx, fy);
  centres = data.cards.map((_, i) => boxOf(i));
  measure();
  fit();
}

function placeArrow({ arrow, path, label }, hidden, boxOf, fx, fy) {
  const { t, h, p, l } = arrow;
  const gone = hidden[t] >= 0 && hidden[t] === hidden[h];
  path.classList.toggle("gone", gone);
  const moved = hidden[t] >= 0 || hidden[h] >= 0;
  label.classList.toggle("gone", gone || moved);
  if (l) label.setAttribute("transform", `translate(${fx(l[0]).toFixed(1)} ${fy(l[1]).toFixed(1)})`);
  if (!moved) {
    const points = p.map((c, k) => (k % 2 ? fy(c) : fx(c)).toFixed(1));
    path.setAttribute("d", `M${points.slice(0, 2)}C${points.slice(2)}`);
    return;
  }
  const [a, b] = [boxOf(t), boxOf(h)];
  const [k, m] = data.across ? [0, 1] : [1, 0]; // the axis along which data flow, and the other
  const from = [0, 0], to = [0, 0];
  [from[k], from[m], to[k], to[m]] = [a[k] + a[k + 2] / 2, a[m], b[k] - b[k + 2] / 2, b[m]];
  const bend = Math.max((to[k] - from[k]) / 2, 20);
  const one = [...from], two = [...to];
  one[k] += bend;
  two[k] -= bend;
  path.setAttribute("d", `M${from}C${one} ${two} ${to}`);
}

function placeScope(at, shown, fx, fy) {
  const { s, scope, group, box, button, mark } = at;
  const closed = folded.has(s);
  group.classList.toggle("gone", !shown);
  group.classList.toggle("closed", closed);
  const [x, y, w, t] = scope.p;
  const [left, right, top, low] = [fx(x - w / 2), fx(x + w / 2), fy(y - t / 2), fy(y + t / 2)];
  const [width, tall] = closed ? foldSize(s) : [right - left, low - top];
  const corner = closed ? [fx(x) - width / 2, fy(y) - tall / 2] : [left, top];
  for (const [key, value] of Object.entries({ x: corner[0], y: corner[1], width, height: tall })) box.setAttribute(key, value.toFixed(1));
  button.setAttribute("transform", `translate(${(corner[0] + 9).toFixed(1)} ${(corner[1] + 18).toFixed(1)})`);
  button.setAttribute("aria-expanded", String(!closed));
  button.setAttribute("aria-label", `${closed ? "Unfold" : "Fold"} ${scope.t}`);
  mark.textContent = closed ? "▸" : "▾";
  at.title.room = width - 34;
  squeeze(at.title);
  at.corner = [...corner, width];
}

// Zoom and pan: the part of the drawing that is seen.

let bounds = [0, 0, 1, 1];
let centres = [];
let view = null; // [x, y, width, height], or null: all of it

function boundsOf(hidden, boxOf, shown, fx, fy) {
  const sides = data.cards.map((_, i) => boxOf(i));
  for (const { s, scope } of shown) {
    const [x, y, w, t] = scope.p;
    const [left, right, top, low] = [fx(x - w / 2), fx(x + w / 2), fy(y - t / 2), fy(y + t / 2)];
    if (!folded.has(s)) sides.push([(left + right) / 2, (top + low) / 2, right - left, low - top]);
  }
  data.arrows.forEach(({ p, t, h }) => { if (hidden[t] < 0 && hidden[h] < 0) p.forEach((c, k) => { if (k % 2 === 0) sides.push([fx(c), fy(p[k + 1]), 0, 0]); }); });
  const [left, top] = [0, 1].map((k) => Math.min(...sides.map((b) => b[k] - b[k + 2] / 2)));
  const [right, low] = [0, 1].map((k) => Math.max(...sides.map((b) => b[k] + b[k + 2] / 2)));
  return [left - 14, top - 14, right - left + 28, low - top + 28];
}

function fit() {
  const around = view ?? (whole ? null : near(state.step));
  const [x, y, width, tall] = around ?? bounds;
  const scale = around ? 0 : 1.5; // never larger than this: a single neuron fills no wall
  const w = Math.max(width, scale && room.width / scale), t = Math.max(tall, scale && room.height / scale);
  canvas.setAttribute("viewBox", [x - (w - width) / 2, y - (t - tall) / 2, w, t].map((n) => n.toFixed(1)).join(" "));
}

// Too large to be read as a whole: then the view follows the steps.
let whole = true;
let room = null; // the size of the window's part, measured once: it makes the browser lay out
function measure() {
  room = canvas.getBoundingClientRect();
  whole = Math.min(room.width / bounds[2], room.height / bounds[3]) > 0.5;
}

function near(step) {
  const { card } = steps[step];
  if (card === undefined) return null;
  const [x, y] = centres[card];
  const scale = 0.9;
  return [x - room.width * 0.6 / scale, y - room.height / 2 / scale, room.width / scale, room.height / scale];
}

function seen() {
  return canvas.getAttribute("viewBox").split(" ").map(Number);
}

function zoom(factor, clientX, clientY) {
  const point = new DOMPoint(clientX, clientY).matrixTransform(canvas.getScreenCTM().inverse());
  const [x, y, width, tall] = seen();
  view = [point.x - (point.x - x) * factor, point.y - (point.y - y) * factor, width * factor, tall * factor];
  fit();
}

function pan(byX, byY) {
  const [x, y, width, tall] = seen();
  const scale = canvas.getScreenCTM().a;
  view = [x - byX / scale, y - byY / scale, width, tall];
  fit();
}
