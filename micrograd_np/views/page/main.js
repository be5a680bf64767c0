// Main: the controls, by mouse and by keyboard.

const state = { step: 0, timer: null, found: -1 };
const slider = $("slider");
slider.max = steps.length - 1;
document.documentElement.style.setProperty("--turn", `${(100 * (turn - 0.5)) / (steps.length - 1)}%`);

const forwards = computed.length;
function caption(step) {
  const { kind } = steps[step];
  if (kind === "start" || kind === "end") return kind === "start" ? "start" : "done";
  return kind === "forward" ? `forward ${step} / ${forwards}` : `backward ${step - turn + 1} / ${forwards + 1}`;
}

// Show a step: on the cards and arrows, in the panel, on the slider.
function show(step, again = false) {
  step = Math.max(0, Math.min(step, steps.length - 1));
  const changed = step !== state.step;
  state.step = step;
  const { kind, card: current } = steps[step];
  const hidden = isHidden(step);
  const gradients = gradientsAt(hidden && kind === "backward" ? step - 1 : step);
  const inputs = new Set(kind === "forward" || kind === "backward" ? entering[current].map((arrow) => arrow.t) : []);
  cards.forEach((card, i) => {
    const known = first[i] <= step;
    const value = known ? (hidden && kind === "forward" && i === current ? null : data.cards[i].v ?? { x: "?" }) : undefined;
    card.show({ value, gradient: gradients.get(i) });
    const names = { later: !known, now: i === current, enters: inputs.has(i), back: kind === "backward" || kind === "seed" };
    for (const [name, on] of Object.entries(names)) card.group.classList.toggle(name, on);
    if (i === current) card.group.setAttribute("aria-current", "step");
    else card.group.removeAttribute("aria-current");
  });
  arrows.forEach(({ arrow, path, label }) => {
    const now = arrow.h === current && kind !== "seed";
    const back = now && kind === "backward";
    for (const at of [path, label]) {
      at.classList.toggle("later", first[arrow.h] > step);
      at.classList.toggle("now", now);
      at.classList.toggle("back", back);
    }
    const heads = now ? (back ? "url(#head-back)" : "url(#head-now)") : "url(#head)";
    path.setAttribute("marker-end", back ? "none" : heads);
    path.setAttribute("marker-start", back && arrow.s !== undefined ? heads : "none");
  });
  scopes.forEach((scope) => showScope(scope, step, gradients, hidden && kind === "forward"));
  slider.value = step;
  slider.setAttribute("aria-valuetext", caption(step));
  $("caption").textContent = caption(step);
  document.body.classList.toggle("back", step >= turn);
  document.body.classList.toggle("hiding", hidden);
  $("edited").hidden = !edited();
  if (changed || again) explain(step);
  if (changed && !whole) { view = null; fit(); }
}

// A folded scope shows what its last card shows.
function showScope(at, step, gradients, hidden) {
  const closed = folded.has(at.s);
  const current = steps[step].card;
  at.group.classList.toggle("now", closed && at.cards.includes(current) && steps[step].kind !== "start");
  at.inside.replaceChildren();
  if (!closed || !at.corner) return;
  const [x, y, width] = at.corner;
  const known = first[at.result] <= step && !(hidden && at.result === current);
  const top = y + 4.5 + ROW;
  const right = x + width - PAD;
  const { v } = data.cards[at.result];
  if (known) at.inside.append(isGrid(v) ? text(right, top + 14.5, "end value", words(v)) : amount(v, right, top, "value"));
  const g = gradients.get(at.result);
  if (g !== undefined) at.inside.append(isGrid(g) ? text(right, top + ROW + 14.5, "end gradient", `∂ ${words(g)}`) : amount(g, right, top + ROW, "gradient", "∂ "));
}

function go(step) {
  stop();
  show(step);
}

function forth() {
  if (isHidden(state.step)) reveal(state.step);
  else go(state.step + 1);
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  $("play").setAttribute("aria-label", "Play");
}

function play() {
  if (state.timer) return stop();
  if (state.step === steps.length - 1) show(0);
  $("play").setAttribute("aria-label", "Pause");
  state.timer = setInterval(() => {
    if (isHidden(state.step)) reveal(state.step);
    else if (state.step === steps.length - 1) stop();
    else show(state.step + 1);
  }, 1400);
}

function theme() {
  const dark = document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
}

function predict() {
  predicting = !predicting;
  revealed.clear();
  Object.assign(score, { right: 0, asked: 0 });
  $("predict").setAttribute("aria-pressed", String(predicting));
  tally();
  show(state.step, true);
}

function fold(s) {
  if (folded.has(s)) folded.delete(s);
  else folded.add(s);
  view = null;
  place();
  show(state.step);
}

function foldAll() {
  const outer = scopes.filter(({ scope }) => scope.u < 0);
  const open = outer.some(({ s }) => !folded.has(s));
  folded.clear();
  if (open) outer.forEach(({ s }) => folded.add(s));
  view = null;
  place();
  show(state.step);
}

function choose(card) {
  if (!data.cards[card].f) open(card);
  else go(stepOf(card, state.step));
}

// Events.

cards.forEach(({ group, card, i }) => {
  if (card.r === "number") return;
  group.addEventListener("click", () => dragged || choose(i));
  group.addEventListener("pointerenter", () => light(i));
  group.addEventListener("pointerleave", () => light(null));
  group.addEventListener("focus", () => group.matches(":focus-visible") && light(i));
  group.addEventListener("blur", () => light(null));
});
scopes.forEach(({ button, group, s }) => {
  button.addEventListener("click", (event) => { event.stopPropagation(); if (!dragged) fold(s); });
  group.addEventListener("click", () => { if (!dragged && folded.has(s)) fold(s); });
});

let dragged = false;
let drag = null;
canvas.addEventListener("pointerdown", (event) => { drag = [event.clientX, event.clientY]; dragged = false; });
addEventListener("pointermove", (event) => {
  tip(event);
  if (!drag || !(event.buttons & 1)) return;
  const by = [event.clientX - drag[0], event.clientY - drag[1]];
  if (!dragged && Math.hypot(...by) < 5) return;
  dragged = true;
  pan(...by);
  drag = [event.clientX, event.clientY];
});
addEventListener("pointerup", () => { drag = null; setTimeout(() => { dragged = false; }); });
canvas.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(Math.exp(event.deltaY / 300), event.clientX, event.clientY);
}, { passive: false });

const fitAll = () => { view = whole || view === bounds ? null : bounds; fit(); };
const focusSearch = () => { $("search").focus(); $("search").select(); };
const help = () => ($("help").open ? $("help").close() : $("help").showModal());
const keys = {
  ArrowRight: forth, ArrowLeft: () => go(state.step - 1), Home: () => go(0), End: () => go(steps.length - 1),
  " ": play, b: () => go(turn), "/": focusSearch, t: theme, 0: fitAll, p: predict, f: foldAll, "?": help, Escape: shut,
  "+": () => zoom(0.8, innerWidth / 2, innerHeight / 3), "-": () => zoom(1.25, innerWidth / 2, innerHeight / 3),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not(#slider)");
  if (event.key === "Escape" && event.target === $("search")) { $("search").value = ""; search(); light(null); $("search").blur(); return; }
  if (typing && event.key !== "Escape") return;
  const pressed = event.target.closest?.("[role=button]");
  if (pressed && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    pressed.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    return;
  }
  // A closed dialog may keep the focus for a moment.
  if (event.key === " " && event.target.matches("button:not(#help button)")) return;
  const action = keys[event.key];
  if (!action || $("help").open) return;
  event.preventDefault();
  action();
});

for (const [id, action] of Object.entries({ first: keys.Home, back: keys.ArrowLeft, play, forth, last: keys.End, way: keys.b, predict, theme, "help-button": help, edited: restore })) $(id).addEventListener("click", action);
slider.addEventListener("input", () => go(Number(slider.value)));
$("search").addEventListener("input", search);
$("search").addEventListener("keydown", (event) => { if (event.key === "Enter") next(); });

// A window much higher than the graph is wide has the panel beside the graph.
function arrange() {
  const [, , width, tall] = bounds;
  const beside = Math.min((innerWidth - 440) / width, (innerHeight - 120) / tall);
  const below = Math.min(innerWidth / width, (innerHeight - 400) / tall);
  document.body.classList.toggle("beside", innerWidth > 1000 && beside > 1.3 * below);
  measure();
  fit();
}
addEventListener("resize", arrange);

const wanted = () => Number(/step=(\d+)/.exec(location.hash)?.[1] ?? state.step);
addEventListener("hashchange", () => go(wanted()));

cards.forEach(({ name }) => name && squeeze(name));
place();
arrange();
show(wanted(), true);
