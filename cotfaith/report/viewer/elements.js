"use strict";
// Elements of the page. What a model wrote reaches the page through text nodes only.

const at = (id) => document.getElementById(id);
const SERIES = 6;
const colour = (i) => `var(--series-${i % SERIES})`;
const LONG = 700; // characters of a text that is folded

// Control characters are shown as their pictures, so that they neither vanish nor act.
const visible = (text) =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (c) => (c === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + c.charCodeAt(0))));

const make = (name, className, ...children) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
  return made;
};

const button = (className, label, act, ...children) => {
  const made = make("button", className, ...(children.length ? children : [label]));
  made.type = "button";
  if (children.length && label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
};

/** `text` as nodes, with the first place of each of `marks` marked. */
const marked = (text, marks) => {
  const found = marks.map((mark) => [text.indexOf(mark), mark]).filter(([start]) => start >= 0).sort((a, b) => a[0] - b[0]);
  const nodes = [];
  let done = 0;
  for (const [start, mark] of found) {
    if (start < done) continue;
    nodes.push(text.slice(done, start), make("mark", "", mark));
    done = start + mark.length;
  }
  return [...nodes, text.slice(done)];
};

/** A text that a model wrote. A long one is folded, unless something in it is marked. */
const written = (name, text, marks = []) => {
  const whole = text.trim();
  const body = make(name, "model-text");
  body.dir = "auto";
  const all = () => body.replaceChildren(...make("span", "", ...marked(whole, marks)).childNodes);
  if (whole.length <= LONG || marks.some((mark) => whole.includes(mark))) {
    all();
  } else {
    const more = button("more", `Show all ${whole.length.toLocaleString("en")} characters`, all);
    body.append(visible(`${whole.slice(0, LONG / 2)} \u2026 `), more);
  }
  return body;
};

const terms = (parts) =>
  make("dl", "", ...parts.flatMap(([name, body]) => [make("dt", "", name), typeof body === "string" ? written("dd", body) : body]));

const percent = (share) => `${Math.round(100 * share)} %`;
const signed = (change) => {
  const text = Math.abs(change).toFixed(2);
  return text === "0.00" ? text : `${change > 0 ? "+" : "\u2212"}${text}`;
};
const answered = (one) => (one.answer === null ? `no answer (${one.state || "not read yet"})` : `answer ${visible(one.answer)}`);
