// Text: numbers, names and formulas, for SVG and HTML alike. All text goes through textContent.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "rect", "path", "text", "tspan", "line", "title"].includes(name);
  const at = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) at.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) at.setAttribute(key, value);
  }
  at.append(...children.flat());
  return at;
}

// A number with some significant digits and a true minus, as Python's %g writes it.
function number(x, digits = 4) {
  x = Number(x);
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x < 0 ? "−∞" : "∞";
  if (Number.isInteger(x) && Math.abs(x) < 1e6 && digits >= 4) return String(x).replace("-0", "0").replace("-", "−");
  const [mantissa, power] = x.toExponential(digits - 1).split("e");
  const small = power < -4 || power >= digits;
  const text = small ? mantissa : Number(x.toPrecision(digits)).toString();
  const short = small && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return (short + (small ? "e" + Number(power) : "")).replaceAll("-", "−");
}

const isNumber = (v) => typeof v === "number" || typeof v === "string";
const isGrid = (v) => Boolean(v && v.g);
const isStrange = (v) => isNumber(v) && !Number.isFinite(Number(v));
const shape = (s) => (s.length === 1 ? `(${s[0]},)` : s.join("×"));

function nested(cells, sizes) {
  if (!sizes.length) return number(cells[0]);
  const inner = cells.length / sizes[0];
  const part = (_, i) => nested(cells.slice(i * inner, (i + 1) * inner), sizes.slice(1));
  return `[${Array.from({ length: sizes[0] }, part).join(", ")}]`;
}

// A value in words: a number, the few entries of an array, the shape of a long one.
function words(v) {
  if (v === null || v === undefined) return "?";
  if (isNumber(v)) return number(v);
  if (v.x !== undefined) return v.x;
  return v.g ? shape(v.s) : nested(v.v, v.s);
}

function spoken(v) {
  if (!isGrid(v)) return words(v);
  const [least, mean, most] = v.m.map((x) => number(x));
  return `${shape(v.s)} ${v.d}, from ${least} to ${most}, mean ${mean}`;
}

// A name, its digits ₁,₂ set as a real subscript, in the pieces of SVG or HTML.
function letters(text, svg) {
  return text.split(/([₀-₉](?:,?[₀-₉])*)/).filter(Boolean).flatMap((part) => {
    if (!/^[₀-₉]/.test(part)) return svg ? make("tspan", { class: "name" }, part) : make("i", {}, part);
    const digits = part.replace(/[₀-₉]/g, (c) => "₀₁₂₃₄₅₆₇₈₉".indexOf(c));
    if (!svg) return make("sub", {}, digits);
    return [make("tspan", { class: "sub", dy: "0.28em" }, digits), make("tspan", { dy: "-0.2em" }, "\u200b")];
  });
}

const title = (i) => data.cards[i].t || number(data.cards[i].v);

// A formula in pieces: a sign, the number of a card, or [a name].
function formula(pieces, svg) {
  const plain = (text) => (svg ? make("tspan", {}, text) : document.createTextNode(text));
  return pieces.flatMap((piece) => {
    if (typeof piece === "string") return plain(piece);
    return letters(Array.isArray(piece) ? piece[0] : title(piece), svg);
  });
}

const say = (pieces) => pieces.map((p) => (typeof p === "string" ? p : Array.isArray(p) ? p[0] : title(p))).join("");

// A formula with numbers in place of the names; null where one is not a single number.
function filled(pieces) {
  if (!pieces.every((p) => typeof p === "string" || (typeof p === "number" && isNumber(data.cards[p].v)))) return null;
  return pieces.map((p, i) => {
    if (typeof p === "string") return p;
    const text = number(data.cards[p].v);
    const before = i ? pieces[i - 1] : "";
    const power = typeof pieces[i + 1] === "string" && /^[⁰¹²³⁴-⁹^]/.test(pieces[i + 1]);
    const joined = typeof before === "string" && /[\d)]$/.test(before);
    const signed = /^[−]/.test(text) && (power || /[·+−\-/^@]\s*$/.test(before));
    const shown = signed || (power && /e/.test(text)) ? `(${text})` : text;
    return joined ? ` · ${shown}` : shown;
  }).join("");
}

const muted = (text) => make("span", { class: "muted" }, text);

// A partial derivative as a fraction.
function fraction(above, below) {
  const d = (i) => make("span", {}, "∂", ...letters(title(i)));
  return make("span", { class: "fraction", role: "math", "aria-label": `d ${title(above)} by d ${title(below)}` }, d(above), d(below));
}
