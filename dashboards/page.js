// The operations page is whole without this file. With it, the page asks for what changed and puts it in
// its place, and says when the gateway cannot be heard.
"use strict";

// Real milliseconds without a word from the gateway after which the page says that it is not live.
const QUIET_MAX = 15000;
const lost = document.getElementById("lost");

let asking = false;
let askAgain = false;
let heardAt = Date.now();

function source() {
  const path = document.body.dataset.source;
  return path.includes("?") ? path : path + location.search;
}

async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const answer = await fetch(source(), { cache: "no-store" });
    // A session that is over: the page asks for a name before it says anything more.
    if (answer.status === 401 || answer.redirected) return location.reload();
    // A page that says what was asked wrongly is an answer, too.
    const isPage = answer.headers.get("content-type")?.startsWith("text/html");
    if (!answer.ok && !isPage) throw new Error(`the gateway answered ${answer.status}`);
    // Whoever signed out or in elsewhere gets a page of their own.
    const reader = answer.headers.get("citysense-reader");
    if (reader && reader !== document.body.dataset.reader) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    fresh.querySelectorAll("[data-live]").forEach(put);
    const title = fresh.querySelector("[data-title]")?.dataset.title;
    if (title && !document.querySelector("main.one")) document.title = title;
    heard(true);
  } catch {
    heard(false);
  }
  asking = false;
  if (askAgain) {
    askAgain = false;
    refresh();
  }
}

// Brings one part up to date.
function put(part) {
  const old = document.getElementById(part.id);
  if (!old || old.isEqualNode(part)) return;
  bring(old, part);
  // A slider that nobody holds goes where the page says.
  const slider = old.querySelector("input[type=range]");
  if (slider && slider !== document.activeElement) slider.value = slider.getAttribute("value");
}

// Makes `old` say what `fresh` says and leaves alone what does not differ, so that whatever is focused, opened, typed
// or scrolled stays as it is. Elements with an id are the same wherever they stand.
function bring(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  }
  const named = new Map();
  for (const child of old.children) if (child.id) named.set(child.id, child);
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const same = next.id ? named.get(next.id) : at;
    if (!same || same.nodeName !== next.nodeName || (same.id ?? "") !== (next.id ?? "")) {
      old.insertBefore(next, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    if (same.isEqualNode(next)) continue;
    if (next.nodeType === Node.ELEMENT_NODE) bring(same, next);
    else same.nodeValue = next.nodeValue;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function heard(live) {
  if (live) heardAt = Date.now();
  lost.hidden = live;
  document.body.classList.toggle("not-live", !live);
}

// Ends what listens now.
let leave = () => {};

function listen() {
  leave();
  const stream = new EventSource("/api/v1/stream");
  // A moment of the past stays as it is.
  const ask = () => document.querySelector("[data-still]") || refresh();
  const changed = () => {
    heardAt = Date.now();
    ask();
  };
  stream.addEventListener("open", changed);
  stream.addEventListener("tick", changed);
  stream.addEventListener("alert", changed);
  const watch = setInterval(() => {
    const closed = stream.readyState === EventSource.CLOSED;
    if (!closed && Date.now() - heardAt < QUIET_MAX) return;
    heard(false);
    leave();
    setTimeout(listen, 2000);
  }, 1000);
  leave = () => {
    clearInterval(watch);
    stream.close();
  };
  stream.addEventListener("error", () => {
    heard(false);
    // Turned away rather than cut off: an answer says why.
    if (stream.readyState === EventSource.CLOSED) ask();
  });
}

// Choosing a zone or a figure changes the address and asks for the parts; the page is not loaded anew.
document.addEventListener("click", (event) => {
  const pick = event.target.closest("[data-pick]");
  if (!pick || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  // What else the address says, such as a filter, stays.
  const href = new URL(pick.getAttribute("href"), location.href); // in a drawing `href` is no text
  const query = new URLSearchParams(location.search);
  query.delete("value");
  for (const [name, value] of href.searchParams) query.set(name, value);
  history.replaceState(null, "", `${href.pathname}?${query}${href.hash}`);
  refresh().then(() => document.getElementById("zone")?.scrollIntoView({ block: "nearest" }));
});

// Forms that only choose what is shown follow while they are filled in; without script they have a button.
let choosing = 0;

function choose(form) {
  clearTimeout(choosing);
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  history.replaceState(null, "", `${form.getAttribute("action")}?${query}`);
  return refresh();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-follow]")) return;
  event.preventDefault();
  choose(event.target);
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-follow]");
  if (!form) return;
  clearTimeout(choosing);
  choosing = setTimeout(choose, 200, form);
});

if (document.querySelector("[data-live]")) {
  listen();
  // A browser has few connections to a gateway and may keep those of pages that were left.
  addEventListener("pagehide", () => leave());
  addEventListener("pageshow", (event) => event.persisted && listen());
}
