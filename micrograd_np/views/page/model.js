// Model: the steps, and what is known at each of them.

data.arrows.forEach((arrow) => { arrow.y ??= []; arrow.w ??= ""; arrow.s ??= arrow.c; });
const computed = data.cards.flatMap((card, i) => (card.f ? [i] : []));
const root = data.cards.length - 1;
const entering = data.cards.map((_, i) => data.arrows.filter((arrow) => arrow.h === i));
const leaving = data.cards.map((_, i) => data.arrows.filter((arrow) => arrow.t === i));
const first = data.cards.map(() => 0); // the step at which the value of a card is known

const steps = [
  { kind: "start" },
  ...computed.map((card) => ({ kind: "forward", card })),
  { kind: "seed", card: root },
  ...computed.toReversed().map((card) => ({ kind: "backward", card })),
  { kind: "end" },
];
const turn = computed.length + 1; // the seed: where forward becomes backward
computed.forEach((card, k) => (first[card] = k + 1));
const passed = new Map(computed.map((card, k) => [card, 2 * turn - 1 - k])); // when it passes back

// The gradients of all cards after a step: the sums so far.
function gradientsAt(step) {
  const known = new Map();
  if (step >= turn) known.set(root, data.cards[root].g);
  for (const at of steps.slice(turn + 1, step + 1)) {
    if (at.kind !== "backward") continue;
    for (const arrow of entering[at.card]) if (arrow.s !== undefined) known.set(arrow.t, arrow.s);
  }
  return known;
}

// The step that a card is looked at in: computed when going forward, passing back when going back.
function stepOf(card, current) {
  const back = current >= turn;
  if (data.cards[card].f) return back ? passed.get(card) : first[card];
  const uses = leaving[card].map((arrow) => (back ? passed.get(arrow.h) : first[arrow.h]));
  return uses.length ? (back ? Math.max(...uses) : Math.min(...uses)) : current;
}

function reach(start, arrows, end) {
  const found = new Set([start]);
  for (const card of found) for (const arrow of arrows[card]) found.add(arrow[end]);
  return found;
}
const related = (card) => new Set([...reach(card, entering, "t"), ...reach(card, leaving, "h")]);

// Changing a leaf: everything is computed again from the tape.

const off = whyNot(data.tape);
const original = data.cards.map((card) => card.v);
const canEdit = (card) => !off && !data.cards[card].f && data.cards[card].t && isNumber(data.cards[card].v);

function recompute() {
  const values = data.cards.map((card) => Number(card.v));
  const pulls = new Map();
  for (const card of computed) {
    const { value, pull } = run(data.tape, data.tape.programs[card], values);
    data.cards[card].v = values[card] = value;
    pulls.set(card, pull);
  }
  const sums = new Map([[root, Number(data.seed)]]);
  for (const card of computed.toReversed()) {
    const g = sums.get(card);
    if (g === undefined) continue;
    const [shares, locals] = [pulls.get(card)(g), pulls.get(card)(1)];
    for (const arrow of entering[card]) {
      if (arrow.s === undefined) continue;
      arrow.n = locals.get(arrow.t);
      arrow.c = shares.get(arrow.t);
      arrow.s = sums.has(arrow.t) ? sums.get(arrow.t) + arrow.c : arrow.c;
      sums.set(arrow.t, arrow.s);
    }
  }
  for (const [card, g] of sums) data.cards[card].g = g;
}

const edited = () => data.cards.some((card, i) => !card.f && !Object.is(card.v, original[i]));

function change(card, value) {
  data.cards[card].v = value;
  recompute();
}

function reset() {
  data.cards.forEach((card, i) => { if (!card.f) card.v = original[i]; });
  recompute();
}
