// The index of all traces, and the traces themselves, which are unpacked block by block.

const index = JSON.parse(at("index").textContent);
const KEPT = 6; // unpacked blocks that are kept
const blocks = new Map();
const pause = () => new Promise((resolve) => setTimeout(resolve, 15));

/** The element of block `number`, once the browser has read all of it. */
const packed = async (number) => {
  for (;;) {
    const found = at(`block-${number}`);
    if (found && (found.nextElementSibling || document.readyState !== "loading")) return found;
    if (!found && document.readyState !== "loading") throw new Error("the file is incomplete; make it again with cotfaith report.");
    await pause();
  }
};

const unpacked = async (number) => {
  const letters = atob((await packed(number)).textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
};

const block = (number) => {
  const found = blocks.get(number) || unpacked(number);
  blocks.delete(number); // so that the blocks stand in the order of their last use
  blocks.set(number, found);
  for (const old of [...blocks.keys()].slice(0, -KEPT)) blocks.delete(old);
  return found;
};

/** The trace of an entry of the index, with its question. */
const load = async (entry) => {
  const { traces, questions } = await block(entry.block);
  return { ...traces[entry.place], asked: questions[entry.question] };
};

/** The text of a trace and its question that a search looks at, in lower case. */
const searched = (trace, question) =>
  [question.id, question.before, question.text, ...question.choices, question.after, ...trace.steps.map((step) => step.text), trace.response]
    .join("\n").toLowerCase();

const final = (trace) => trace.points.find((one) => one.given === 1);
const scored = (trace) => trace.points.some((one) => one.shares);
