"use strict";
// Our own elements are found once, before anything of a student's stands in the page.
const at = Object.fromEntries([...document.querySelectorAll("[data-is]")].map((one) => [one.dataset.is, one]));
const page = remembered(sessionStorage, "page", () => crypto.randomUUID());
const answersTo = new Map(); // what was asked, by number
const questions = new Map(); // what was loaded of each question and language
let socket = null, number = 0, state = [], question = "", chain = Promise.resolve();
let now = null; // the answer that is shown
let ahead = null; // the promise of the one that comes next, loaded already
let ticked = new Set(), isDecided = false, isTouched = false;

function remembered(store, name, make) {
  try {
    const value = store.getItem(name) ?? make();
    store.setItem(name, value);
    return value;
  } catch { return make(); }
}

// What a marker does is done in order, each when the one before has shown what it shows: one can type ahead.
function then(action) {
  chain = chain.then(action).catch((error) => { tell(`The page failed (${error.message}): load it again.`, true); throw error; }).catch(() => {});
  return chain;
}

// --- Asking the desk -------------------------------------------------------------------------------------------------

function connect(wait = 500) {
  const address = new URL("ws", location.href);
  address.protocol = "ws:";
  socket = new WebSocket(address);
  socket.onopen = async () => {
    wait = 500;
    const by = remembered(localStorage, "by", () => "");
    const said = await ask("hello", { page, by, open: now?.alias ?? "" });
    document.title = `Marking ${said.stage}`;
    at.stage.textContent = said.stage;
    at.who.value = said.by;
    heard(said);
    if (!now) return then(() => choose((state.find(waits) ?? state[0])?.name));
    ahead = null;
    tell("Connected again.");
  };
  socket.onmessage = (event) => {
    const said = JSON.parse(event.data);
    if (said.is === "state") return heard(said);
    answersTo.get(said.n)?.(said);
    answersTo.delete(said.n);
  };
  socket.onclose = () => {
    for (const answer of answersTo.values()) answer({ is: "refused", says: "Not saved: the connection is lost." });
    answersTo.clear();
    tell("The connection is lost: is `gradus mark` still running? Trying again …", true);
    setTimeout(() => connect(Math.min(2 * wait, 10000)), wait);
  };
}

function ask(what, details = {}) {
  return new Promise((answer) => {
    if (socket.readyState !== WebSocket.OPEN) return answer({ is: "refused", says: "Not saved: the connection is lost." });
    answersTo.set(++number, answer);
    socket.send(JSON.stringify({ n: number, do: what, ...details }));
  });
}

const waits = (one) => one.done < one.total;

function heard(said) {
  state = said.questions;
  at.questions.replaceChildren(...state.map((one) => {
    const button = made("button", `${one.name} `, { type: "button" });
    button.append(made("span", `${one.done}/${one.total}`));
    if (one.name === question) button.setAttribute("aria-current", "true");
    button.onclick = () => then(() => choose(one.name));
    return button;
  }));
  const mine = state.find((one) => one.name === question);
  if (mine) {
    at.bar.max = Math.max(mine.total, 1);
    at.bar.value = mine.done;
    at.count.textContent = `${mine.done} of ${mine.total} marked`;
    // Somebody let go of an answer while there was nothing left here.
    if (now?.is === "none") mine.done + mine.open < mine.total ? then(() => choose(question)) : nothing();
  }
}

// --- Showing ---------------------------------------------------------------------------------------------------------

function made(tag, text = "", attributes = {}) {
  const one = document.createElement(tag);
  one.textContent = text;
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  return one;
}

function rendered(html, tag = "div") { // cleaned by the server
  const one = made(tag, "", { class: "rendered" });
  if (tag === "div") one.tabIndex = 0; // what is wider than the page can be scrolled with the keyboard
  one.innerHTML = html;
  return one;
}

function tell(text, isBad = false) {
  at.notice.textContent = text;
  at.notice.classList.toggle("bad", isBad);
}

const points = (n) => `${n} point${n === 1 ? "" : "s"}`;
const isMarked = (answer) => answer.mark !== null && !answer.changed;

async function choose(name) {
  if (!name) return tell("This stage has no open question.", true);
  question = name;
  now = ahead = null;
  await show(await ask("next", { question }));
}

async function about(answer) {
  const key = `${answer.question} ${answer.lang}`;
  if (!questions.has(key)) questions.set(key, await ask("question", { name: answer.question, lang: answer.lang }));
  return questions.get(key);
}

async function show(answer) {
  if (answer.is === "refused") return tell(answer.says, true);
  if (answer.is === "edge") return tell("There is no other answer on this side.");
  if (answer.is === "none") {
    now = answer;
    return nothing();
  }
  const asked = await about(answer);
  now = { ...answer, boxes: asked.boxes };
  at.left.hidden = at.right.hidden = false;
  const language = { en: "in English", fr: "in French" }[answer.lang] ?? answer.lang;
  at.place.textContent = [`Answer ${answer.place} of ${answer.of}`, language, answer.name].filter(Boolean).join(" · ");
  const remarks = [answer.holder && `${answer.holder} has this answer open, too.`, answer.look].filter(Boolean);
  at.remark.textContent = remarks.join(" ");
  at.remark.hidden = !remarks.length;
  at.asked.innerHTML = asked.asked;
  at.askedfold.hidden = !asked.asked;
  at.text.innerHTML = answer.text;
  for (const one of [at.text, at.asked, at.model]) one.lang = answer.lang;
  at.outputs.replaceChildren(...answer.outputs.map((html) => rendered(html)));
  at.outputsfold.hidden = !answer.outputs.length;
  at.model.innerHTML = asked.model;
  at.note.innerHTML = asked.note;
  at.notefold.hidden = !asked.note;
  at.legend.textContent = `${answer.question}, ${points(answer.maximum)}`;
  at.boxes.replaceChildren(...asked.boxes.map(box));
  at.maximum.textContent = `of ${points(answer.maximum)}`;
  others(answer.others);
  comments(answer.comments);
  former(answer, asked);
  fill(answer.changed ? null : answer.mark);
  tell(answer.says ?? "");
  scrollTo(0, 0);
  at.right.scrollTop = 0;
  if (document.activeElement === at.comment || at.right.contains(document.activeElement)) document.activeElement.blur();
  at.place.focus({ preventScroll: true });
  heard({ questions: state });
  document.body.dataset.shown = answer.alias;
  ahead ??= ask("next", { question, after: answer.alias, keep: answer.alias }).then(prepared);
}

async function prepared(answer) {
  if (answer.is === "answer") await about(answer);
  document.body.dataset.ahead = answer.alias ?? answer.is;
  return answer;
}

function nothing() {
  at.left.hidden = at.right.hidden = true;
  const mine = state.find((one) => one.name === question), other = state.find((one) => one.name !== question && waits(one));
  const open = mine ? mine.total - mine.done : 0;
  const left = open ? `the last ${open > 1 ? `${open} answers are` : "answer is"} open at others` : "all answers are marked";
  tell(`${question}: ${mine?.total ? left : "nobody has answered"}. ` + (other ? `q: on to ${other.name}.` : open ? "" : "That was the last question: gradus return."));
  document.body.dataset.shown = "none";
}

function box(one, index) {
  const kinds = { points: "", or: "instead", "at most": "at most" };
  const label = made("label", "", { class: { or: "or", "at most": "cap" }[one.kind] ?? "" });
  const input = made("input", "", { type: "checkbox", "data-box": index });
  input.onchange = () => then(() => tick(index));
  label.append(input, made("kbd", index + 1), rendered(one.text, "span"));
  label.append(made("span", `${kinds[one.kind]} ${points(one.points)}`.trim(), { class: "worth" }));
  return label;
}

function others(them) {
  at.othersfold.hidden = !them.length;
  at.others.replaceChildren(...them.map((one) => {
    const item = made("li"), label = made("label"), input = made("input", "", { type: "checkbox", "data-alias": one.alias });
    input.checked = one.alike === 100;
    label.append(input, ` ${one.alike === 100 ? "equal" : `${one.alike} % alike`}${one.name ? ` · ${one.name}` : ""}`);
    item.append(label);
    if (one.text) {
      const fold = made("details");
      fold.append(made("summary", "what it says"), rendered(one.text));
      item.append(fold);
    }
    return item;
  }));
}

function comments(them) {
  at.commentsfold.hidden = !them.length;
  at.comments.replaceChildren(...them.map((text, index) => {
    const item = made("li"), button = made("button", "", { type: "button", title: text });
    if (index < 9) button.append(made("kbd", `Alt ${index + 1}`), " ");
    button.append(text);
    button.onclick = () => reuse(text);
    item.append(button);
    return item;
  }));
}

function reuse(text) {
  if (!at.comment.value.includes(text)) at.comment.value = [at.comment.value.trim(), text].filter(Boolean).join("\n");
  isTouched = true;
  at.comment.focus();
}

function former(answer, asked) {
  const mark = answer.mark;
  at.former.hidden = !mark;
  if (!mark) return;
  at.former.classList.toggle("old", answer.changed);
  const why = answer.changed ? "The answer has changed since it was marked. Then " : "";
  const extra = mark.extra ? `, and ${mark.extra} extra` : "";
  const lines = [made("p", `${why}${mark.by} gave ${points(mark.points)}${extra}${mark.boxes.length + mark.lost.length ? ":" : "."}`)];
  const list = made("ul");
  list.append(...mark.boxes.map((index) => rendered(asked.boxes[index].text, "li")));
  list.append(...mark.lost.map((text) => made("li", `${text} (no longer in the note)`)));
  if (list.children.length) lines.push(list);
  if (mark.comment) lines.push(made("p", `“${mark.comment}”`));
  if (answer.changed) {
    const again = made("button", "Give the same again", { type: "button" });
    again.onclick = () => { fill(mark); isTouched = true; };
    lines.push(again);
  }
  at.former.replaceChildren(...lines);
}

// --- Marking ---------------------------------------------------------------------------------------------------------

function fill(mark) {
  ticked = new Set(mark?.boxes ?? []);
  at.comment.value = mark?.comment ?? "";
  isDecided = Boolean(mark);
  isTouched = false;
  count();
}

function tick(index) {
  if (index >= now.boxes.length) return;
  if (!ticked.delete(index)) {
    ticked.add(index);
    for (const other of rivals(now.boxes, index)) ticked.delete(other);
  }
  isDecided = isTouched = true;
  count();
}

function rivals(boxes, index) { // a box, and those that stand in its place, exclude each other
  if (boxes[index].kind === "at most") return [];
  let first = index, last = index + 1;
  while (boxes[first].kind === "or") first--;
  while (last < boxes.length && boxes[last].kind === "or") last++;
  return [...Array(last - first).keys()].map((i) => first + i).filter((other) => other !== index);
}

function count() {
  for (const input of at.boxes.querySelectorAll("input")) input.checked = ticked.has(Number(input.dataset.box));
  const has = (kind) => now.boxes.filter((one, index) => ticked.has(index) && (one.kind === "at most") === (kind === "cap"));
  const sum = has("points").reduce((total, one) => total + one.points, 0);
  const given = Math.min(sum, ...has("cap").map((one) => one.points));
  const alone = now.mark && !now.changed && !isTouched ? now.mark.points : given;
  at.points.textContent = isDecided ? String(alone) : "–";
  at.points.parentElement.classList.toggle("unset", !isDecided);
}

function save() {
  if (now?.is !== "answer") return;
  if (!isDecided) return tell("No box is ticked: press 0 if nothing was earned.", true);
  if (isMarked(now) && !isTouched) return onward(); // nothing changed
  const mine = now, given = { boxes: [...ticked], comment: at.comment.value };
  const seen = { [mine.alias]: mine.seen };
  for (const input of at.others.querySelectorAll("input:checked"))
    seen[input.dataset.alias] = mine.others.find((one) => one.alias === input.dataset.alias).seen;
  ask("save", { alias: mine.alias, seen, ...given }).then((said) => {
    if (said.is !== "saved") return then(() => refused(mine, given, said));
    if (said.question === question) comments(said.comments);
    const many = said.count > 1 ? `${said.count} answers: ` : "";
    tell(said.warning || `Saved, ${many}${points(said.points)}.`, Boolean(said.warning));
  });
  return onward();
}

async function refused(mine, given, said) { // back to what could not be saved, with what the other gave beside it
  if (now?.is === "answer" && now.alias !== mine.alias) ahead = Promise.resolve(now);
  const isMine = said.alias === mine.alias && said.seen;
  const others = mine.others.filter((one) => one.alias !== said.alias);
  await show({ ...mine, others, says: "", ...(isMine ? { seen: said.seen, mark: said.mark, changed: false } : {}) });
  ticked = new Set(given.boxes);
  at.comment.value = given.comment;
  isDecided = isTouched = true;
  count();
  tell(`${said.says} Enter saves yours${isMine ? " in its place" : ""}; n goes on without.`, true);
}

async function onward() {
  const loaded = ahead;
  ahead = null;
  let next = await (loaded ?? ask("next", { question, after: now.alias ?? "" }));
  if (next.is === "none" && loaded) next = await ask("next", { question }); // what was left of those alike
  return show(next);
}

async function beside(step) {
  ahead = null; // what was loaded is let go
  return show(await ask("beside", { alias: now?.alias ?? "", question, step }));
}

async function undo() {
  ahead = null;
  return show(await ask("undo"));
}

function toggle() {
  const inputs = [...at.others.querySelectorAll("input")], all = inputs.every((one) => one.checked);
  for (const one of inputs) one.checked = !all;
}

function nextQuestion() {
  const place = state.findIndex((one) => one.name === question);
  const order = [...state.slice(place + 1), ...state.slice(0, place)];
  return choose((order.find(waits) ?? order[0])?.name ?? question);
}

at.save.onclick = () => then(save);
at.undo.onclick = () => then(undo);
at.back.onclick = () => then(() => beside(-1));
at.on.onclick = () => then(() => beside(1));
at.toggle.onclick = toggle;
at.comment.oninput = () => { isTouched = true; };
at.who.onchange = () => {
  try { localStorage.setItem("by", at.who.value); } catch { /* a browser that keeps nothing */ }
  ask("hello", { page, by: at.who.value, open: now?.alias ?? "" }).then((said) => { at.who.value = said.by; heard(said); });
  at.who.blur();
};

document.addEventListener("keydown", (event) => {
  const target = event.target, isText = target === at.comment || target === at.who;
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.altKey) {
    const button = /^Digit[1-9]$/.test(event.code) && at.comments.querySelectorAll("button")[Number(event.code[5]) - 1];
    if (button) { event.preventDefault(); button.click(); }
    return;
  }
  if (event.key === "Escape") return target.blur();
  if (target === at.who) return event.key === "Enter" && target.blur();
  if (event.key === "Enter") {
    if (event.shiftKey || target.closest("button, summary, a")) return;
    event.preventDefault();
    if (event.repeat) return;
    return then(() => (now?.is === "none" ? nextQuestion() : save()));
  }
  if (isText || (/^Arrow/.test(event.key) && target.matches(".rendered") && target.scrollWidth > target.clientWidth)) return;
  const doing = {
    0: () => { ticked.clear(); isDecided = isTouched = true; count(); },
    ArrowLeft: () => beside(-1), ArrowRight: () => beside(1), u: undo, g: toggle, q: nextQuestion,
    c: () => at.comment.focus(), n: onward,
  }[event.key] ?? (/^[1-9]$/.test(event.key) ? () => tick(Number(event.key) - 1) : null);
  if (!doing) return;
  event.preventDefault();
  then(() => (now?.is === "answer" || /^(u|q|Arrow.*)$/.test(event.key) ? doing() : undefined));
});

connect();
