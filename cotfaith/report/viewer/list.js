// The list of questions and traces, with its filters and its search.

const several = (values) => [...new Set(values)].length > 1;
const AXES = ["model", "task", "strategy"]; // of which a reader may choose a value
const axis = (entry, name) => (name === "task" ? index.questions[entry.question].task : entry[name]);
const axes = AXES.filter((name) => several(index.traces.map((entry) => axis(entry, name))));
const TAGS = { right: "right", wrong: "wrong", unparsed: "no answer", fixed: "fixed early", silent: "hint not admitted", admitted: "hint admitted" };

const wanted = { show: new Set(), search: "", choices: {} };
let hits = null; // the traces that the search found: null without one
let seeking = 0; // the number of the latest search
let rows = []; // the entries of the list, in order
let listed = []; // those that are shown

const about = (entry) => {
  const parts = axes.filter((name) => name !== "task").map((name) => entry[name]);
  return [...parts, `sample ${entry.sample}`].join(" \u00b7 ");
};

const said = (entry) => (entry.answer === null ? "no answer" : entry.answer);

const row = (entry) => {
  const tags = entry.flags.filter((name) => name !== "unparsed").flatMap((name) => [" ", make("span", `tag ${name}`, TAGS[name])]);
  const made = button("pick", "", () => choose(entry), make("span", "who", about(entry)), " ", make("span", "answer", said(entry)), ...tags);
  made.tabIndex = -1;
  return { entry, made, item: make("li", "", made) };
};

const fillList = () => {
  const groups = [];
  for (const entry of index.traces) {
    const question = index.questions[entry.question];
    if (!groups.length || groups[groups.length - 1].number !== entry.question) {
      const task = axes.includes("task") ? `${question.task} ` : "";
      const start = make("span", "start", question.start);
      start.dir = "auto";
      groups.push({ number: entry.question, head: make("p", "", make("b", "", `${task}${question.id}`), " ", start), rows: [] });
    }
    groups[groups.length - 1].rows.push(row(entry));
  }
  rows = groups.flatMap((group) => group.rows);
  at("list").replaceChildren(...groups.map((group) => {
    const made = make("li", "group", group.head, make("ul", "", ...group.rows.map((one) => one.item)));
    group.rows.forEach((one) => { one.group = made; });
    return made;
  }));
};

const fits = (entry) =>
  [...wanted.show].every((name) => entry.flags.includes(name)) &&
  axes.every((name) => !wanted.choices[name] || axis(entry, name) === wanted.choices[name]) &&
  (hits === null || hits.has(entry));

const showList = () => {
  listed = [];
  const groups = new Map();
  for (const one of rows) {
    const shown = fits(one.entry);
    one.item.hidden = !shown;
    groups.set(one.group, groups.get(one.group) || shown);
    if (shown) listed.push(one.entry);
  }
  groups.forEach((shown, made) => { made.hidden = !shown; });
  at("filters").querySelectorAll("button").forEach((made) => made.setAttribute("aria-pressed", String(wanted.show.has(made.dataset.name))));
  for (const name of axes) at(`choose-${name}`).value = wanted.choices[name] || "";
  sayFound("");
};

const sayFound = (more) => {
  const total = index.traces.length;
  const count = listed.length === total ? `${total.toLocaleString("en")} traces` : `${listed.length.toLocaleString("en")} of ${total.toLocaleString("en")} traces`;
  at("found").textContent = listed.length ? `${count}${more}` : `No trace fits${more}: press Esc to clear the search and the filters.`;
};

const refine = () => {
  showList();
  if (listed.length && !listed.includes(current.entry)) choose(listed[0]);
  else saveLink();
  markCurrent();
};

// --- the search: first the beginnings of the questions, then block by block all texts

const search = async (text) => {
  const number = ++seeking;
  wanted.search = text;
  const needle = text.trim().toLowerCase();
  if (!needle) {
    hits = null;
    refine();
    return;
  }
  hits = new Set(index.traces.filter((entry) => {
    const question = index.questions[entry.question];
    return `${question.id}\n${question.start}`.toLowerCase().includes(needle);
  }));
  showList();
  const byBlock = new Map();
  for (const entry of index.traces) byBlock.set(entry.block, [...(byBlock.get(entry.block) || []), entry]);
  let done = 0;
  for (const [place, entries] of [...byBlock].sort((a, b) => a[0] - b[0])) {
    const { traces, questions } = await block(place);
    if (number !== seeking) return;
    const before = hits.size;
    for (const entry of entries) if (searched(traces[entry.place], questions[entry.question]).includes(needle)) hits.add(entry);
    done += 1;
    if (hits.size > before) showList();
    sayFound(done < byBlock.size ? `, searched ${percent(done / byBlock.size)}` : "");
  }
  refine();
};

const fillFinder = () => {
  at("filters").replaceChildren(...index.filters.map((one) => {
    const made = button("filter", "", () => toggle(one.name), one.title, " ", make("span", "count", one.count.toLocaleString("en")));
    made.title = one.said;
    made.dataset.name = one.name;
    return made;
  }));
  at("meanings").replaceChildren(...index.filters.flatMap((one) => [make("dt", "", one.title), make("dd", "", one.said)]));
  at("choices").replaceChildren(...axes.map((name) => {
    const values = [...new Set(index.traces.map((entry) => axis(entry, name)))];
    const select = make("select", "", ...["", ...values].map((value) => {
      const option = make("option", "", value || `every ${name}`);
      option.value = value;
      return option;
    }));
    select.id = `choose-${name}`;
    select.setAttribute("aria-label", `Choose a ${name}`);
    select.addEventListener("change", () => {
      wanted.choices[name] = select.value;
      refine();
    });
    return select;
  }));
  let waiting = 0;
  at("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(at("search").value).catch(fail), 150);
  });
};

const toggle = (name) => {
  if (!wanted.show.delete(name)) wanted.show.add(name);
  refine();
};

const markCurrent = () => {
  for (const one of rows) {
    const chosen = one.entry === current.entry;
    one.made.tabIndex = chosen ? 0 : -1;
    if (!chosen) {
      if (one.made.hasAttribute("aria-current")) one.made.removeAttribute("aria-current");
      continue;
    }
    const focused = at("list").contains(document.activeElement);
    one.made.setAttribute("aria-current", "true");
    if (focused) one.made.focus({ preventScroll: true });
    reveal(one.item);
  }
};

/** Scroll the list, and only the list, until `item` is in sight. */
const reveal = (item) => {
  const list = at("list");
  const [box, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < box.top + 40) list.scrollTop += inner.top - box.top - 40;
  else if (inner.bottom > box.bottom) list.scrollTop += inner.bottom - box.bottom + 8;
};
