// Deciding on responses in the list itself: the page of one response is fetched and its form shown in place. Keys work
// while the focus is in the list (WCAG 2.1.4). Without this file, links and forms do the same on pages of their own.
// Markup: #queue holds .response-list > li, each with a link to its page; that page holds [data-beside] and a
// form[data-decision]; #queue-news is a live region.

const queue = document.querySelector("#queue");
const news = document.querySelector("#queue-news");
const parser = new DOMParser();
const TYPING = "input:not([type=radio]), select, textarea";

const items = () => [...queue.querySelectorAll(".response-list > li")];
const itemAround = (node) => node.closest?.(".response-list > li") ?? null;
const linkOf = (item) => item.querySelector(".button-row a");
const formIn = (item) => item.querySelector("form[data-decision]");

/** One item of the list can be reached by Tab, the others from it by J and K. */
function makeReachable(current = items()[0]) {
  items().forEach((item) => item.setAttribute("tabindex", item === current ? "0" : "-1"));
  const help = queue.querySelector("#queue-keys");
  if (help) help.hidden = false;
}

function goTo(item) {
  if (!item) return;
  makeReachable(item);
  item.focus();
}

/** What the page of a response, or the answer to its form, has to show in the list. */
function partsOf(page) {
  const parts = document.createElement("div");
  parts.className = "decision-here stack-wide";
  for (const part of [page.querySelector("#errors"), page.querySelector("[data-beside]"), page.querySelector("form[data-decision]")]) {
    if (part) parts.append(document.importNode(part, true));
  }
  return parts;
}

function close(item) {
  item.querySelector(".decision-here")?.remove();
  item.classList.remove("is-open");
  linkOf(item)?.setAttribute("aria-expanded", "false");
}

function show(item, page) {
  items().forEach(close);
  const parts = partsOf(page);
  item.querySelector("article").append(parts);
  item.classList.add("is-open");
  linkOf(item)?.setAttribute("aria-expanded", "true");
  makeReachable(item);
  (parts.querySelector("#errors") ?? parts.querySelector("form [type=radio]") ?? item).focus();
}

/** Open a response in place; the form that came, or null where there is none to fill in. */
async function open(item) {
  if (formIn(item)) return formIn(item);
  const link = linkOf(item);
  try {
    const answer = await fetch(link.href);
    if (!answer.ok || new URL(answer.url).pathname !== link.pathname) throw new Error("not the page of a response");
    show(item, parser.parseFromString(await answer.text(), "text/html"));
    return formIn(item);
  } catch {
    location.assign(link.href);
    return null;
  }
}

async function choose(item, action) {
  const form = await open(item);
  const choice = form?.querySelector(`[name=action][value=${action}]`);
  if (!choice) return;
  choice.checked = true;
  if (action === "refuse") form.querySelector("[name=reason_code]").focus();
  else form.requestSubmit();
}

/** Show the list as the server has it now, and go on where the decision was made. */
function renew(page, place) {
  queue.replaceChildren(...document.importNode(page.querySelector("#queue"), true).childNodes);
  const said = page.querySelector(".done-note")?.textContent.trim() || queue.dataset.done;
  const left = items();
  makeReachable();
  goTo(left[Math.min(place, left.length - 1)]);
  news.textContent = left.length ? said : `${said} ${queue.dataset.none}`;
  if (!left.length) document.querySelector("#main").focus();
}

async function send(form) {
  const item = itemAround(form);
  const place = items().indexOf(item);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = parser.parseFromString(await answer.text(), "text/html");
    if (answer.redirected && page.querySelector("#queue")) renew(page, place);
    else if (page.querySelector("form[data-decision]")) show(item, page);
    else throw new Error("neither the list nor the form");
  } catch {
    form.submit();
  }
}

queue?.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-decision]")) return;
  event.preventDefault();
  send(event.target);
});

queue?.addEventListener("click", (event) => {
  const item = itemAround(event.target);
  const link = event.target.closest("a");
  if (!item || !link || link !== linkOf(item) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (item.classList.contains("is-open")) close(item);
  else open(item);
});

queue?.addEventListener("keydown", (event) => {
  const item = itemAround(event.target);
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    close(item);
    goTo(item);
    return;
  }
  if (event.target.matches(TYPING)) return;
  const all = items();
  const act = {
    j: () => goTo(all[all.indexOf(item) + 1]),
    k: () => goTo(all[all.indexOf(item) - 1]),
    p: () => choose(item, "publish"),
    r: () => choose(item, "refuse"),
    h: () => choose(item, "hold"),
    Enter: event.target === item ? () => open(item) : null,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

if (queue) makeReachable();
