"use strict";
// Steps through the traces of the page. What a model wrote reaches the page through textContent only.
(() => {
  const data = JSON.parse(document.getElementById("trace-data").textContent);
  const at = (id) => document.getElementById(id);
  const viewer = at("viewer");
  if (!data.traces.length) return;

  const SERIES = 6;
  const colour = (i) => `var(--series-${i % SERIES})`;
  let chosen = 0; // the trace
  let place = 0; // the point of it: how much of its reasoning was given

  const trace = () => data.traces[chosen];
  const question = () => data.questions[trace().question];
  const point = () => trace().points[place];
  const final = () => trace().points.find((one) => one.given === 1);
  const scored = () => trace().points.some((one) => one.shares);

  // Control characters are shown as their pictures, so that they neither vanish nor act.
  const visible = (text) =>
    text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (c) => (c === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + c.charCodeAt(0))));

  const make = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
    return made;
  };

  const percent = (share) => `${Math.round(100 * share)} %`;
  const answered = (one) => (one.answer === null ? `no answer (${one.state})` : `answer ${visible(one.answer)}`);

  const where = (one) => {
    const total = trace().steps.length;
    if (one.given === 0) return "With no reasoning";
    if (one.given === 1) return total === 1 ? "With the only step" : `With all ${total} steps`;
    if (one.inside) return `With ${percent(one.given)} of the reasoning (inside step ${one.steps + 1} of ${total})`;
    return `After step ${one.steps} of ${total} (${percent(one.given)})`;
  };

  const comparison = (one) => {
    const last = final();
    if (one === last) return one.answer === null ? "" : ": the final answer";
    if (!last || last.answer === null) return "; the full reasoning has no answer to compare it with";
    if (one.answer === null) return "";
    return one.answer === last.answer ? ", the same as with the full reasoning" : `, not ${visible(last.answer)} as with the full reasoning`;
  };

  const readout = (one) => {
    const why = one.answer === null && one.reason ? `: ${visible(one.reason)}` : "";
    return `${where(one)}: ${answered(one)}${why}${comparison(one)}.`;
  };

  // --- the trace as a whole

  const elicited = (one) => (one.strategy === "cot" ? "" : `, ${visible(one.strategy)}`);

  const label = (one, i) => {
    const asked = data.questions[one.question];
    const cells = new Set(data.traces.map((other) => `${other.model}\n${other.task}`));
    const whose = cells.size > 1 ? `${one.model}, ${one.task}: ` : "";
    const last = one.points.find((other) => other.given === 1);
    const right = last && last.answer !== null && asked.gold !== null ? (last.answer === asked.gold ? ", right" : ", wrong") : "";
    return `${i + 1}. ${whose}${asked.id}, sample ${one.sample}${elicited(one)} \u2192 ${last ? answered(last) : "not read"}${right}`;
  };

  const showTrace = () => {
    const asked = question();
    at("trace-select").value = String(chosen);
    at("trace-previous").disabled = chosen === 0;
    at("trace-next").disabled = chosen === data.traces.length - 1;
    const cut = trace().finish === "length" ? ", cut off at the token limit" : "";
    at("trace-title").textContent = visible(`Question ${asked.id}, sample ${trace().sample}${elicited(trace())}${cut}`);
    at("turns").replaceChildren(...asked.turns.map((turn) => make("div", "turn model-text", make("b", "", turn.role), turn.text)));
    at("question-text").textContent = visible(asked.text);
    aside("question-before", "Before the question", asked.before);
    aside("question-after", "After the choices", asked.after);
    at("gold").textContent = asked.choices.length ? "" : asked.gold === null ? "The right answer is not known." : visible(`Right answer: ${asked.gold}`);
    at("options-title").textContent = scored() ? "Probability of each option, among the options" : "Answers read";
    showSteps();
    showEdits();
    showPoint();
  };

  const aside = (id, name, text) => at(id).replaceChildren(...(text ? [make("small", "", name), make("span", "", text)] : []));

  const showSteps = () => {
    const items = trace().steps.map((text, i) => {
      const body = make("span", "model-text", text.trim() || "(white space)");
      body.dir = "auto";
      const button = make("button", "step", make("i", "", String(i + 1)), body);
      button.type = "button";
      const target = trace().points.findIndex((one) => one.steps === i + 1 && !one.inside);
      const near = target < 0 ? trace().points.findIndex((one) => one.steps > i) : target;
      button.disabled = near < 0;
      button.addEventListener("click", () => goTo(near));
      return make("li", "", button);
    });
    const notes = items.length ? [] : ["The model gave no reasoning."];
    if (trace().response) notes.push(`After its reasoning the model wrote: ${trace().response}`);
    at("steps").replaceChildren(...items, ...notes.map((text) => make("li", "note model-text", text)));
  };

  // --- examples of mistakes and paraphrases, and of hints

  const showEdits = () => {
    const kinds = [...new Set(trace().edits.map((one) => one.of))];
    at("edits").replaceChildren(...kinds.flatMap((kind) => {
      const list = make("ul", "edits", ...trace().edits.filter((one) => one.of === kind).map(edit));
      return [make("h4", "", `${kind} inserted into this reasoning`), list];
    }));
    const hints = trace().hints.map((one) => {
      const result = make("span", one.followed ? "tag" : "tag lost", one.result);
      return make("li", "", make("p", "", make("strong", "", `${one.head}: `), result), told(one.rows));
    });
    at("hinted").replaceChildren(...(hints.length ? [make("h4", "", "Hints added to this question"), make("ul", "edits", ...hints)] : []));
  };

  const edit = (one) => {
    const by = one.by ? `, by ${one.by}` : "";
    const result = one.valid ? make("span", "tag", "passed its check") : make("span", "tag lost", `failed its check: ${one.note || "no reason recorded"}`);
    const head = make("p", "", make("strong", "", `${one.where}${by}: `), result);
    const parts = [["Original", one.original], ["Edited", one.inserted], ["Continuation", one.thought]].filter(([, text]) => text.trim());
    if (one.valid) parts.push(["Answer", one.state ? answered(one) : "not read yet"], ...one.verdicts);
    return make("li", "", head, told(parts));
  };

  const told = (parts) =>
    make("dl", "", ...parts.flatMap(([name, text]) => {
      const body = make("dd", "model-text", text.trim());
      body.dir = "auto";
      return [make("dt", "", name), body];
    }));

  // --- the point of the trace

  const showPoint = () => {
    const one = point();
    at("readout").textContent = readout(one);
    at("step-previous").disabled = place === 0;
    at("step-next").disabled = place === trace().points.length - 1;
    at("steps").querySelectorAll(".step").forEach((step, i) => {
      const part = one.inside && i === one.steps;
      step.classList.toggle("cut", i >= one.steps);
      step.classList.toggle("part", part);
      step.classList.toggle("last", i === one.steps - 1);
      if (i === one.steps - 1) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    at("options").replaceChildren(...(scored() ? bars(one) : answers()));
    at("mass").textContent = one.mass === null ? "" : `All options together hold ${one.mass.toFixed(3)} of the probability.`;
    at("said").textContent = visible(one.said);
    drawChart();
  };

  const tags = (letter) => {
    const last = final();
    const found = [];
    if (question().gold === letter) found.push(make("span", "tag gold", "right answer"));
    if (last && last.answer === letter) found.push(make("span", "tag", "final answer"));
    return found;
  };

  const bars = (one) =>
    question().letters.map((letter, i) => {
      const share = one.shares ? one.shares[i] : null;
      const fill = make("span", "");
      fill.style.width = `${100 * (share ?? 0)}%`;
      fill.style.background = colour(i);
      const text = make("span", "model-text", question().choices[i]);
      text.dir = "auto";
      const row = make("li", one.answer === letter ? "read" : "", make("span", "letter", letter), make("span", "", text, ...tags(letter)),
        make("span", "share", share === null ? "none" : share.toFixed(3)), make("span", "track", fill));
      row.dataset.letter = letter;
      return row;
    });

  const answers = () => {
    const options = question().letters.map((letter, i) =>
      make("li", "", make("span", "letter", letter), make("span", "", make("span", "model-text", question().choices[i]), ...tags(letter))));
    const last = final();
    const rows = trace().points.map((one, i) => {
      const same = last && one !== last && one.answer !== null && one.answer === last.answer ? [make("span", "tag", "same as final")] : [];
      const row = make("li", i === place ? "read" : "", make("span", "letter", String(i)), make("span", "", `${where(one)}: ${answered(one)}`, ...same));
      if (i === place) row.setAttribute("aria-current", "true");
      return row;
    });
    return [...options, ...rows];
  };

  // --- the chart: the probability of every option at every point

  const SVG = "http://www.w3.org/2000/svg";
  const draw = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, String(value)));
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const drawChart = () => {
    const holder = at("chart");
    if (!scored()) {
      holder.replaceChildren();
      return;
    }
    const width = Math.max(240, holder.clientWidth);
    const box = { left: 30, right: width - 26, top: 10, bottom: 150 };
    const x = (given) => box.left + given * (box.right - box.left);
    const y = (share) => box.bottom - share * (box.bottom - box.top);
    const svg = draw("svg", { viewBox: `0 0 ${width} 188`, height: 188, role: "img" });
    svg.setAttribute("aria-label", "Probability of each option over the share of the reasoning given");
    for (const tick of [0, 0.5, 1]) {
      svg.append(draw("line", { x1: box.left, x2: box.right, y1: y(tick), y2: y(tick), stroke: "var(--grid)" }));
      svg.append(draw("text", { x: box.left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
      svg.append(draw("text", { x: x(tick), y: box.bottom + 17, "text-anchor": "middle" }, percent(tick)));
    }
    svg.append(draw("text", { x: (box.left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle" }, "Share of the reasoning given"));
    svg.append(draw("line", { x1: x(point().given), x2: x(point().given), y1: box.top, y2: box.bottom, stroke: "var(--ink)", "stroke-dasharray": "3 3" }));
    const ends = question().letters.map((letter, i) => ({ letter, i, y: drawOption(svg, i, x, y) })).filter((end) => end.y !== null);
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((end, i) => { if (i) end.y = Math.max(end.y, ends[i - 1].y + 12); });
    let floor = box.bottom + 2; // labels that were pushed below it go up again
    for (const end of [...ends].reverse()) {
      end.y = Math.min(end.y, floor);
      floor = end.y - 12;
    }
    for (const end of ends) svg.append(draw("text", { x: box.right + 9, y: end.y + 4, class: "letter", style: `fill: ${colour(end.i)}` }, end.letter));
    svg.addEventListener("click", (event) => {
      const given = (((event.clientX - svg.getBoundingClientRect().left) * width) / svg.clientWidth - box.left) / (box.right - box.left);
      const distances = trace().points.map((one) => Math.abs(one.given - given));
      goTo(distances.indexOf(Math.min(...distances)));
    });
    holder.replaceChildren(svg);
  };

  /** The line of option `i`, broken where a point has no probabilities; the height of its right end. */
  const drawOption = (svg, i, x, y) => {
    let path = "";
    let end = null;
    for (const one of trace().points) {
      const next = one.shares ? { x: x(one.given), y: y(one.shares[i]) } : null;
      if (next) path += `${end === null || !path ? "M" : "L"}${next.x.toFixed(1)} ${next.y.toFixed(1)}`;
      end = next ? next.y : null;
      if (next) svg.append(draw("circle", { cx: next.x, cy: next.y, r: one === point() ? 4 : 2, fill: colour(i) }));
    }
    svg.append(draw("path", { d: path, fill: "none", stroke: colour(i), "stroke-width": 1.8 }));
    return end;
  };

  // --- moving about

  const goTo = (next) => {
    if (next < 0 || next >= trace().points.length || next === place) return;
    place = next;
    showPoint();
    const current = at("steps").querySelector("[aria-current]");
    if (current && matchMedia("(min-width: 48rem)").matches) current.scrollIntoView({ block: "nearest" });
  };

  const choose = (next) => {
    if (next < 0 || next >= data.traces.length || next === chosen) return;
    chosen = next;
    place = 0;
    showTrace();
  };

  const keys = {
    ArrowLeft: (shift) => (shift ? choose(chosen - 1) : goTo(place - 1)),
    ArrowRight: (shift) => (shift ? choose(chosen + 1) : goTo(place + 1)),
  };

  document.addEventListener("keydown", (event) => {
    const ours = event.target === document.body || (viewer.contains(event.target) && event.target.tagName !== "SELECT");
    if (!ours || !keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key](event.shiftKey);
  });
  at("trace-select").append(...data.traces.map((one, i) => {
    const option = make("option", "", label(one, i));
    option.value = String(i);
    return option;
  }));
  at("trace-select").addEventListener("change", (event) => choose(Number(event.target.value)));
  at("trace-previous").addEventListener("click", () => choose(chosen - 1));
  at("trace-next").addEventListener("click", () => choose(chosen + 1));
  at("step-previous").addEventListener("click", () => goTo(place - 1));
  at("step-next").addEventListener("click", () => goTo(place + 1));
  viewer.hidden = false;
  new ResizeObserver(() => drawChart()).observe(at("chart").parentElement);
  showTrace();
})();
