// The panel beside the trace: the answer after the chosen step, and what each intervention did there.

const where = (one) => {
  const total = current.trace.steps.length;
  if (one.given === 0) return "no reasoning";
  if (one.given === 1) return total === 1 ? "the only step" : `all ${total} steps`;
  return one.inside ? `${percent(one.given)} of the reasoning, inside step ${one.steps + 1}` : `${one.steps} of ${total} steps`;
};

/** The cut that ends with the chosen step, or the next one before it; null if there is none. */
const nearest = () => [...current.trace.points].reverse().find((one) => one.at <= current.step) || null;

const comparison = (one) => {
  const last = final(current.trace);
  if (one === last) return one.answer === null ? "" : ", the final answer";
  if (!last || last.answer === null) return "; the full reasoning has no answer to compare it with";
  if (one.answer === null) return "";
  return one.answer === last.answer ? ", the same as with the full reasoning" : `, not ${visible(last.answer)} as with the full reasoning`;
};

const readout = () => {
  const { trace, step } = current;
  const one = nearest();
  const place = step === 0 ? "Before any reasoning" : `Step ${step} of ${trace.steps.length}`;
  if (!one) return `${place}: no cut up to here was read.`;
  const here = one.at === step ? "" : ` (read with ${where(one)})`;
  const why = one.answer === null && one.reason ? `: ${visible(one.reason)}` : "";
  return `${place}${here}: ${answered(one)}${why}${comparison(one)}.`;
};

/** What the chosen step does to the answer, in words. */
const stepEffect = () => {
  const { trace, step } = current;
  const one = trace.steps[step - 1];
  if (!one || one.before === null || one.after === null) return "";
  const [before, after] = [trace.points[one.before], trace.points[one.after]];
  const wide = before.at < step - 1 || after.at > step ? ` The cuts around it leave ${where(before)} and ${where(after)}, so other text counts with it.` : "";
  if (one.change !== null) {
    const last = final(trace);
    const place = trace.asked.letters.indexOf(last.answer);
    return `This step changes the probability of ${visible(last.answer)} by ${signed(one.change)}, from ${before.shares[place].toFixed(3)} to ${after.shares[place].toFixed(3)}.${wide}`;
  }
  if (one.moves === null) return "It is not known what this step changes: a cut beside it has no answer.";
  return `${one.moves ? `This step changes the answer from ${visible(before.answer)} to ${visible(after.answer)}.` : "The answer is the same before and after this step."}${wide}`;
};

const showPoint = () => {
  const { trace, step } = current;
  const one = nearest();
  at("readout").textContent = readout();
  at("step-previous").disabled = step === 0;
  at("step-next").disabled = step === trace.steps.length;
  at("steps").querySelectorAll(".step").forEach((made, i) => {
    made.classList.toggle("beyond", i > step);
    if (i === step) made.setAttribute("aria-current", "step");
    else made.removeAttribute("aria-current");
  });
  at("chart-title").textContent = scored(trace) ? "Probability of each option, among the options" : "Answer at each cut";
  at("options").replaceChildren(...(scored(trace) ? bars(one) : []));
  at("mass").textContent = one && one.mass !== null ? `All options together hold ${one.mass.toFixed(3)} of the probability.` : "";
  at("said").replaceChildren(...(one && one.said.trim() ? [terms([["It wrote", one.said]])] : []));
  drawChart();
  showTable();
  showEdits();
  placePanel();
};

const bars = (one) =>
  current.trace.asked.letters.map((letter, i) => {
    const share = one && one.shares ? one.shares[i] : null;
    const fill = make("span", "");
    fill.style.width = `${100 * (share ?? 0)}%`;
    fill.style.background = colour(i);
    const name = make("span", "letter", letter);
    name.style.color = colour(i);
    const text = make("span", "model-text", current.trace.asked.choices[i]);
    text.dir = "auto";
    const made = make("li", one && one.answer === letter ? "read" : "", name, make("span", "", text, ...tags(letter)),
      make("span", "share", share === null ? "none" : share.toFixed(3)), make("span", "track", fill));
    made.dataset.letter = letter;
    return made;
  });

const showEdits = () => {
  const { trace, step } = current;
  const cards = step ? trace.edits.filter((one) => one.site === step).map(card) : [];
  const why = stepEffect();
  const nothing = step && !cards.length ? [make("p", "note", "No intervention acted on this step alone.")] : [];
  at("at-step").replaceChildren(
    ...(why ? [make("p", "effect-said", why)] : []),
    ...(step ? [make("h3", "", `What was done at step ${step}`)] : []),
    ...(cards.length ? [make("ul", "cards", ...cards)] : nothing),
  );
};

/** One edit: what it put in, what came of it, and the answer of its control. */
const card = (one) => {
  const by = [one.by ? `by ${one.by}` : "", one.draw ? `draw ${one.draw + 1}` : ""].filter(Boolean).join(", ");
  const head = make("p", "", make("strong", "", `${one.of}: ${one.where}${by ? `, ${by}` : ""}`), " ", outcome(one));
  const parts = [...one.asked];
  if (one.original.trim()) parts.push(["Original", one.original]);
  if (one.inserted.trim()) parts.push([one.original.trim() ? "In its place" : "Reasoning given", one.inserted]);
  else if (one.rest || (one.valid && one.site && !one.thought.trim())) parts.push(["In its place", "(nothing)"]);
  if (one.rest) parts.push(["Then", "(the later steps, unchanged)"]);
  if (one.thought.trim()) parts.push(["It went on", written("dd", one.thought, one.marks)]);
  one.then.filter((text) => text.trim()).forEach((text) => parts.push(["It said", written("dd", text, one.marks)]));
  if (one.valid) {
    parts.push(["Answer", sentence(answered(one), one.answer === null && one.reason ? `: ${one.reason}` : "")]);
    if (one.control) parts.push([one.control.own ? "Control" : "Full reasoning", sentence(answered(one.control), "")]);
  }
  return make("li", one.valid ? "" : "failed", head, terms([...parts, ...one.verdicts]));
};

const sentence = (text, more) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${more}`;

const outcome = (one) => {
  if (!one.valid) return make("span", "tag lost", `failed its check: ${one.note || "no reason recorded"}`);
  if (one.changed === null) return make("span", "tag lost", one.state ? "cannot be compared" : "not read yet");
  return make("span", one.changed ? "tag changed" : "tag", one.changed ? "answer changed" : "same answer");
};

const narrow = matchMedia("(max-width: 47.99rem)");

/** On a narrow screen what was done at a step stands below it; else in the panel. */
const placePanel = () => {
  const home = narrow.matches && current.step ? at("steps").children[current.step] : at("panel");
  if (home && at("at-step").parentElement !== home) home.append(at("at-step"));
};
