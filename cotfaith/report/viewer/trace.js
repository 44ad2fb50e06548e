// The trace that is read: its question, its steps with their shades, its hints, and what changed the whole of it.

const current = { entry: null, trace: null, step: 0 }; // step 0 is the place before the reasoning

const showTrace = () => {
  const { trace } = current;
  const { asked } = trace;
  const cut = trace.finish === "length" ? ", cut off at the token limit" : "";
  const cell = AXES.filter((name) => axes.includes(name)).map((name) => trace[name]).join(", ");
  at("trace-title").textContent = visible(`Question ${asked.id}, sample ${trace.sample}${cell ? `, ${cell}` : ""}${cut}`);
  at("tags").replaceChildren(...current.entry.flags.flatMap((name) => {
    const filter = index.filters.find((one) => one.name === name);
    const tag = make("span", `tag ${name}`, filter.title);
    tag.title = filter.said;
    return [tag, " "];
  }));
  at("turns").replaceChildren(...asked.turns.map((turn) => make("div", "turn model-text", make("b", "", turn.role), turn.text)));
  at("question-text").textContent = visible(asked.text);
  aside("question-before", "Before the question", asked.before);
  aside("question-after", "After the choices", asked.after);
  at("question-choices").replaceChildren(...asked.letters.map((letter, i) => option(letter, asked.choices[i])));
  at("gold").textContent = asked.gold === null ? "The right answer is not known." : asked.choices.length ? "" : visible(`Right answer: ${asked.gold}`);
  at("shade").textContent = shading(trace);
  showSteps();
  showHints();
  showWhole();
  const notes = trace.steps.length ? [] : ["The model gave no reasoning."];
  if (trace.response) notes.push(`After its reasoning the model wrote: ${trace.response}`);
  at("notes").replaceChildren(...notes.map((text) => written("p", text)));
};

const aside = (id, name, text) => at(id).replaceChildren(...(text ? [make("small", "", name), make("span", "", text)] : []));

const option = (letter, text) => {
  const body = make("span", "model-text", text);
  body.dir = "auto";
  return make("li", "", make("span", "letter", letter), " ", make("span", "", body, ...tags(letter)));
};

const tags = (letter) => {
  const last = final(current.trace);
  const found = [];
  if (current.trace.asked.gold === letter) found.push(" ", make("span", "tag right", "right answer"));
  if (last && last.answer === letter) found.push(" ", make("span", "tag", "final answer"));
  return found;
};

const shading = (trace) => {
  const last = final(trace);
  if (trace.steps.some((step) => step.change !== null)) {
    return `The number and the shade tell how much a step changes the probability of the final answer, ${visible(last.answer)}: blue towards it, orange away from it.`;
  }
  return trace.steps.some((step) => step.moves !== null) ? "A step is shaded where the answer differs before and after it." : "";
};

/** How strongly a step is shaded, from -1 to 1, and the words for it. */
const effect = (step) => {
  if (step.change !== null) return { weight: step.change, word: signed(step.change) };
  if (step.moves === null) return { weight: 0, word: "" };
  return step.moves ? { weight: 0.8, word: "changes" } : { weight: 0, word: "" };
};

/** How many edits of a step passed their check, and how many of these changed the answer. */
const counted = (edits) => {
  const valid = edits.filter((one) => one.valid);
  const changed = valid.filter((one) => one.changed).length;
  if (!valid.length) return edits.length ? "no valid edit" : "";
  return `${valid.length} edit${valid.length > 1 ? "s" : ""}${changed ? `, ${changed} changed` : ""}`;
};

const showSteps = () => {
  const { trace } = current;
  const items = trace.steps.map((step, i) => {
    const { weight, word } = effect(step);
    const count = counted(trace.edits.filter((one) => one.site === i + 1));
    const body = make("span", "model-text", step.text.trim() || "(white space)");
    body.dir = "auto";
    const made = button("step", "", () => goTo(i + 1), make("span", "number", String(i + 1)), " ", body, " ",
      make("span", "effect", make("b", weight ? "" : "none", word), " ", ...(count ? [make("small", "", count)] : [])));
    made.style.setProperty("--weight", (0.42 * Math.min(1, Math.abs(weight))).toFixed(3));
    made.classList.add(weight < 0 ? "away" : "toward");
    return make("li", "", made);
  });
  const before = button("step start", "", () => goTo(0), make("span", "number", "0"), " ", make("span", "", "Before any reasoning"));
  at("steps").replaceChildren(make("li", "", before), ...items);
};

const showHints = () => {
  const { trace } = current;
  const cards = trace.hints.map(hint);
  const more = trace.hints_left_out ? [make("p", "note", `${trace.hints_left_out.toLocaleString("en")} more hinted readings are not shown.`)] : [];
  at("hints").replaceChildren(...(cards.length ? [make("h3", "", "Hints added to this question"), make("ul", "cards", ...cards), ...more] : []));
};

const hint = (one) => {
  const drawn = one.followed && one.moved;
  const found = [make("span", drawn ? "tag changed" : "tag lost", one.result)];
  if (one.yes) found.push(make("span", "tag admitted", one.judged > 1 ? `admitted, by ${one.yes} of ${one.judged} verdicts` : "admitted"));
  else if (one.judged) found.push(make("span", drawn ? "tag silent" : "tag lost", "not admitted"));
  const plain = one.plain === null ? "no plain answer" : one.moved === false ? "the plain answer too" : `plain answer ${visible(one.plain)}`;
  const rows = one.rows.map(([name, text]) => [name, written("dd", text, name === "Thought" || name === "Then said" ? one.marks : [])]);
  return make("li", "", make("p", "", make("strong", "", `${one.head}: `), ...found.flatMap((tag) => [tag, " "]), make("span", "note", plain)), terms(rows));
};

const showWhole = () => {
  const { trace } = current;
  const edits = trace.edits.filter((one) => one.site === 0);
  const changed = edits.filter((one) => one.changed).length;
  const more = trace.left_out ? [make("p", "note", `${trace.left_out.toLocaleString("en")} more edits of this trace are not shown; the tables of the run have them.`)] : [];
  if (!edits.length) {
    at("whole").replaceChildren(...more);
    return;
  }
  const count = edits.length === 1 ? "1 edit of the whole reasoning or of the question" : `${edits.length} edits of the whole reasoning or of the question`;
  const fold = make("details", "", make("summary", "", `${count}, ${changed} of them with another answer`), make("ul", "cards", ...edits.map(card)));
  at("whole").replaceChildren(fold, ...more);
};
