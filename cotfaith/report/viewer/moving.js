// Moving about: by clicks, by keys and by the address of the page.

let loading = 0; // the number of the latest trace that was asked for

const fail = (error) => {
  at("trouble").hidden = false;
  at("trouble").textContent = `The trace cannot be shown: ${error.message}`;
};

const choose = async (entry, step = 0) => {
  const number = ++loading;
  current.entry = entry;
  markCurrent();
  const place = listed.indexOf(entry);
  at("trace-previous").disabled = place <= 0;
  at("trace-next").disabled = place === listed.length - 1;
  try {
    const trace = await load(entry);
    if (number !== loading) return;
    at("trouble").hidden = true;
    current.trace = trace;
    current.step = Math.min(Math.max(0, step), trace.steps.length);
    at("panel").append(at("at-step"));
    showTrace();
    showPoint();
    saveLink();
    performance.mark("trace shown");
  } catch (error) {
    if (number === loading) fail(error);
  }
};

const turn = (by) => {
  const place = listed.indexOf(current.entry);
  const next = listed[place < 0 ? 0 : place + by];
  if (next) choose(next);
};

const goTo = (step) => {
  if (!current.trace || step < 0 || step > current.trace.steps.length || step === current.step) return;
  current.step = step;
  showPoint();
  saveLink();
  at("steps").children[step].scrollIntoView({ block: "nearest" });
};

// --- the address: what is shown, so that a copied address shows it again

let saving = 0;

/** Save the address a moment later, since browsers limit how often it may change. */
const saveLink = () => {
  clearTimeout(saving);
  saving = setTimeout(() => history.replaceState(null, "", link()), 100);
};

const link = () => {
  const { entry, step } = current;
  const said = new URLSearchParams({ question: index.questions[entry.question].id });
  for (const name of axes) said.set(name, axis(entry, name));
  said.set("sample", String(entry.sample));
  said.set("step", String(step));
  if (wanted.show.size) said.set("show", [...wanted.show].join(","));
  if (wanted.search.trim()) said.set("search", wanted.search);
  for (const name of axes) if (wanted.choices[name]) said.set(`only-${name}`, wanted.choices[name]);
  return `#${said}`;
};

const followLink = () => {
  const said = new URLSearchParams(location.hash.slice(1));
  const known = new Set(index.filters.map((one) => one.name));
  wanted.show = new Set((said.get("show") || "").split(",").filter((name) => known.has(name)));
  for (const name of axes) wanted.choices[name] = index.traces.some((entry) => axis(entry, name) === said.get(`only-${name}`)) ? said.get(`only-${name}`) : "";
  const text = said.get("search") || "";
  at("search").value = text;
  showList();
  const fitting = (entry) =>
    [...AXES, "sample"].every((name) => !said.has(name) || String(axis(entry, name)) === said.get(name)) &&
    (!said.has("question") || index.questions[entry.question].id === said.get("question"));
  const named = ["question", "sample", ...AXES].some((name) => said.has(name));
  const entry = (named && index.traces.find(fitting)) || listed[0] || index.traces[0];
  choose(entry, Number.parseInt(said.get("step") || "0", 10) || 0);
  if (text) search(text).catch(fail);
};

// --- keys

const clear = () => {
  if (at("search").value) {
    at("search").value = "";
    search("").catch(fail);
  } else if (document.activeElement === at("search")) {
    at("search").blur();
  } else {
    wanted.show.clear();
    wanted.choices = {};
    refine();
  }
};

const keys = {
  j: () => turn(1),
  k: () => turn(-1),
  ArrowRight: () => goTo(current.step + 1),
  ArrowLeft: () => goTo(current.step - 1),
  "/": () => at("search").focus(),
  "?": () => { at("help").open = !at("help").open; },
  Escape: clear,
};
const listKeys = { ArrowDown: () => turn(1), ArrowUp: () => turn(-1) };

document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  const act = keys[event.key] || (at("list").contains(event.target) && listKeys[event.key]);
  if (!act || (typing && event.key !== "Escape") || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
});

const start = () => {
  if (!index.traces.length) return;
  if (!("DecompressionStream" in window)) {
    fail(new Error("this browser cannot unpack the traces; open the page in a browser of 2023 or later."));
    return;
  }
  at("viewer").hidden = false;
  if (matchMedia("(max-width: 63.99rem)").matches) at("shelf").open = false;
  fillList();
  fillFinder();
  followLink();
  at("trace-previous").addEventListener("click", () => turn(-1));
  at("trace-next").addEventListener("click", () => turn(1));
  at("step-previous").addEventListener("click", () => goTo(current.step - 1));
  at("step-next").addEventListener("click", () => goTo(current.step + 1));
  window.addEventListener("hashchange", () => { if (location.hash.includes("=")) followLink(); });
  narrow.addEventListener("change", () => { if (current.trace) placePanel(); });
  new ResizeObserver(() => drawChart()).observe(at("chart").parentElement);
};

start();
