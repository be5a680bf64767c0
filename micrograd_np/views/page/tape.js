// Tape: the formulas of a graph of single numbers, evaluated again when a leaf is changed.

const logistic = (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const least = (x, y) => (x < y || Number.isNaN(x) ? x : y);
const rint = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const identity = (x) => x;

const functions = {
  "+": (x, y) => x + y, "-": (x, y) => x - y, "·": (x, y) => x * y, "/": (x, y) => x / y,
  "^": (x, y) => x ** y, neg: (x) => -x, ">": (x, y) => Number(x > y), "<": (x, y) => Number(x < y),
  exp: Math.exp, exp2: (x) => 2 ** x, expm1: Math.expm1, log: Math.log, log2: Math.log2,
  log10: Math.log10, log1p: Math.log1p, sqrt: Math.sqrt, cbrt: Math.cbrt, sin: Math.sin,
  cos: Math.cos, tan: Math.tan, arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan,
  arctan2: Math.atan2, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, arcsinh: Math.asinh,
  arccosh: Math.acosh, arctanh: Math.atanh, absolute: Math.abs, fabs: Math.abs, sign: Math.sign,
  floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, rint, minimum: least,
  maximum: (x, y) => -least(-x, -y), relu: (x) => -least(-x, 0), "σ": logistic, softplus: softplus, log_sigmoid: (x) => -softplus(-x), hypot: Math.hypot,
  reciprocal: (x) => 1 / x, positive: identity, fmod: (x, y) => x % y,
  remainder: (x, y) => x - y * Math.floor(x / y), copysign: (x, y) => Math.abs(x) * (y < 0 || Object.is(y, -0) ? -1 : 1),
  degrees: (x) => (x * 180) / Math.PI, rad2deg: (x) => (x * 180) / Math.PI,
  radians: (x) => (x * Math.PI) / 180, deg2rad: (x) => (x * Math.PI) / 180,
  logaddexp: (x, y) => Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))),
  logaddexp2: (x, y) => Math.max(x, y) + Math.log1p(2 ** -Math.abs(x - y)) / Math.LN2,
  bce_with_logits: (x, y) => softplus(x) - x * y,
};

// The first function of a tree that the page does not know, or null.
function unknown(tree) {
  if (!Array.isArray(tree)) return null;
  if (!Object.hasOwn(functions, tree[0])) return tree[0];
  return tree.slice(1).map(unknown).find(Boolean) ?? null;
}

function evaluated(tree, operands, out) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return tree === "out" ? out : operands[Number(tree)];
  return functions[tree[0]](...tree.slice(1).map((part) => evaluated(part, operands, out)));
}

// Why no leaf can be changed, or "".
function whyNot(tape) {
  if (!tape.operations) return tape.off;
  const missing = tape.operations.flat().map(unknown).find(Boolean);
  return missing ? `the page cannot compute ${missing}` : "";
}

// One card: its value, and a function from its cotangent to those of the cards that enter it.
function run(tape, program, values) {
  const done = [];
  const find = (ref) => (Array.isArray(ref) ? Number(ref[0]) : ref < 0 ? done[-ref - 1] : values[ref]);
  for (const [operation, ...refs] of program) done.push(evaluated(tape.operations[operation][0], refs.map(find)));

  function pull(g) {
    const inner = new Array(program.length).fill(0);
    const outer = new Map();
    inner[program.length - 1] = g;
    for (let k = program.length - 1; k >= 0; k--) {
      const [operation, ...refs] = program[k];
      const operands = refs.map(find);
      refs.forEach((ref, i) => {
        if (Array.isArray(ref)) return;
        const share = inner[k] * evaluated(tape.operations[operation][i + 1], operands, done[k]);
        if (ref < 0) inner[-ref - 1] += share;
        else outer.set(ref, (outer.get(ref) ?? 0) + share);
      });
    }
    return outer;
  }
  return { value: done.at(-1), pull };
}
