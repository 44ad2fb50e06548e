// The curve: the probability of every option at every cut, or the answer at every cut where there are no probabilities.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 220;

const draw = (name, attributes, text) => {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, String(value)));
  if (text !== undefined) made.textContent = visible(text);
  return made;
};

const span = () => Math.max(1, current.trace.steps.length); // of the horizontal axis

const drawChart = () => {
  const { trace } = current;
  if (!trace) return;
  const probable = scored(trace);
  const names = probable ? trace.asked.letters : [...new Set(trace.points.map((one) => one.answer))].sort((a, b) => (a === null) - (b === null));
  const width = Math.max(240, at("chart").clientWidth);
  const box = { left: probable ? 34 : 74, right: width - (probable ? 40 : 12), top: 12, bottom: HEIGHT - 42 };
  const x = (place) => box.left + (place / span()) * (box.right - box.left);
  const y = (share) => box.bottom - share * (box.bottom - box.top);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img", "aria-label": spoken(trace, probable) });
  drawFrame(svg, box, x, y, probable);
  if (probable) drawShares(svg, names, box, x, y);
  else drawAnswers(svg, names, box, x);
  svg.addEventListener("click", (event) => {
    const rectangle = svg.getBoundingClientRect();
    const place = (((event.clientX - rectangle.left) * width) / rectangle.width - box.left) / (box.right - box.left);
    goTo(Math.min(trace.steps.length, Math.max(0, Math.round(place * span()))));
  });
  at("chart").replaceChildren(svg);
};

/** The curve in words, for those who listen. The table below it has the numbers. */
const spoken = (trace, probable) => {
  const last = final(trace);
  const ends = last ? ` With all of the reasoning: ${answered(last)}.` : "";
  const first = trace.points[0].given === 0 ? ` Without any: ${answered(trace.points[0])}.` : "";
  return `${probable ? "Probability of each option" : "Answer"} along the reasoning, in ${trace.steps.length} steps.${first}${ends} The table below has the numbers.`;
};

const drawFrame = (svg, box, x, y, probable) => {
  const { step } = current;
  if (step) svg.append(draw("rect", { class: "chosen", x: x(step - 1), y: box.top, width: x(step) - x(step - 1), height: box.bottom - box.top }));
  if (probable) {
    for (const tick of [0, 0.5, 1]) {
      svg.append(draw("line", { class: "grid", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick) }));
      svg.append(draw("text", { x: box.left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
    }
  } else {
    svg.append(draw("line", { class: "grid", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }));
  }
  const every = Math.ceil(span() / 8);
  for (let i = 0; i <= span(); i += every) svg.append(draw("text", { x: x(i), y: box.bottom + 17, "text-anchor": "middle" }, String(i)));
  svg.append(draw("text", { x: (box.left + box.right) / 2, y: box.bottom + 35, "text-anchor": "middle" }, "Steps of the reasoning given"));
  svg.append(draw("line", { class: "place", x1: x(step), x2: x(step), y1: box.top, y2: box.bottom }));
};

const drawShares = (svg, letters, box, x, y) => {
  const ends = letters.map((letter, i) => ({ letter, i, y: drawOption(svg, letter, i, x, y) })).filter((end) => end.y !== null);
  ends.sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => { if (i) end.y = Math.max(end.y, ends[i - 1].y + 13); });
  let floor = box.bottom + 2; // labels that were pushed below it go up again
  for (const end of [...ends].reverse()) {
    end.y = Math.min(end.y, floor);
    floor = end.y - 13;
  }
  const last = final(current.trace);
  for (const end of ends) {
    const sign = last && last.answer === end.letter ? " \u25c2" : "";
    svg.append(draw("text", { x: box.right + 9, y: end.y + 4, class: "letter", style: `fill: ${colour(end.i)}` }, `${end.letter}${sign}`));
  }
};

/** The line of an option, broken where a cut has no probabilities; the height of its right end. */
const drawOption = (svg, letter, i, x, y) => {
  let path = "";
  let end = null;
  const chosen = nearest();
  for (const one of current.trace.points) {
    const next = one.shares ? { x: x(one.at), y: y(one.shares[i]) } : null;
    if (next) {
      path += `${end === null ? "M" : "L"}${next.x.toFixed(1)} ${next.y.toFixed(1)}`;
      const dot = draw("circle", { cx: next.x.toFixed(2), cy: next.y.toFixed(2), r: one === chosen ? 4.5 : 2.5, fill: colour(i) });
      dot.append(draw("title", {}, `${letter} ${one.shares[i].toFixed(3)}: ${where(one)}`));
      dot.dataset.letter = letter;
      svg.append(dot);
    }
    end = next ? next.y : null;
  }
  const dashes = i < SERIES ? {} : { "stroke-dasharray": "5 3" };
  svg.append(draw("path", { d: path, fill: "none", stroke: colour(i), "stroke-width": 2, ...dashes }));
  return end;
};

const drawAnswers = (svg, names, box, x) => {
  const y = (name) => box.top + ((names.indexOf(name) + 0.5) / names.length) * (box.bottom - box.top);
  const short = (name) => (name === null ? "no answer" : name.length > 9 ? `${name.slice(0, 8)}\u2026` : name);
  for (const name of names) {
    svg.append(draw("line", { class: "grid", x1: box.left, x2: box.right, y1: y(name), y2: y(name) }));
    svg.append(draw("text", { x: box.left - 8, y: y(name) + 4, "text-anchor": "end" }, short(name)));
  }
  const path = current.trace.points.map((one, i) => `${i ? "L" : "M"}${x(one.at).toFixed(1)} ${y(one.answer).toFixed(1)}`).join("");
  svg.append(draw("path", { d: path, fill: "none", stroke: "var(--grid)", "stroke-width": 2 }));
  const chosen = nearest();
  for (const one of current.trace.points) {
    const known = one.answer !== null;
    const dot = { cx: x(one.at).toFixed(2), cy: y(one.answer).toFixed(2), r: one === chosen ? 6 : 4, fill: known ? colour(0) : "var(--paper)", stroke: known ? colour(0) : "var(--quiet)" };
    svg.append(draw("circle", dot));
  }
};

const showTable = () => {
  const { trace } = current;
  const letters = scored(trace) ? trace.asked.letters : [];
  const head = (text) => {
    const made = make("th", "", text);
    made.scope = "col";
    return made;
  };
  const lines = trace.points.map((one) => {
    const name = make("th", "", where(one));
    name.scope = "row";
    return make("tr", "", name, make("td", "", answered(one)), ...letters.map((_, i) => make("td", "", one.shares ? one.shares[i].toFixed(3) : "none")));
  });
  at("table").replaceChildren(
    make("caption", "hidden", "What was read at every cut"),
    make("thead", "", make("tr", "", ...["Reasoning given", "Answer", ...letters].map(head))),
    make("tbody", "", ...lines),
  );
};
