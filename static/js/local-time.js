// Shows the time of an event in the reader's own zone as well, where that differs from the event's.
// Markup: <time datetime data-local-time data-until data-same-day data-other-day>; the words come from the page.

const MINUTE = 60_000;

/** Minutes east of UTC that the reader's clock shows at a moment. */
const readersOffset = (moment) => -moment.getTimezoneOffset();

/** Minutes east of UTC written at the end of an RFC 3339 time, or null. */
function writtenOffset(text) {
  if (text.endsWith("Z")) return 0;
  const found = /([+-])(\d\d):(\d\d)$/.exec(text);
  if (!found) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return found[1] === "-" ? -minutes : minutes;
}

/** The calendar day of a moment at an offset, as a number that can be compared. */
const dayAt = (moment, offset) => Math.floor((moment.getTime() / MINUTE + offset) / 1440);

/** "1:30pm" rather than "1:30 PM", as everywhere on the site. */
const plainTime = (clock, moment) =>
  clock.format(moment).replace(/\s*([ap])\.?m\.?$/i, (_, half) => `${half.toLowerCase()}m`);

function showLocalTime(time) {
  const starts = new Date(time.dateTime);
  const ends = new Date(time.dataset.until);
  const eventOffset = writtenOffset(time.dateTime);
  if (Number.isNaN(starts.getTime()) || Number.isNaN(ends.getTime()) || eventOffset === null) return;
  if (eventOffset === readersOffset(starts)) return;

  const written = document.documentElement.lang;
  const language = written === "en" ? "en-GB" : written || undefined;
  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", hour12: true });
  const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone.split("/").pop().replaceAll("_", " ");

  const sameDay = dayAt(starts, eventOffset) === dayAt(starts, readersOffset(starts));
  const values = { start: plainTime(clock, starts), end: plainTime(clock, ends), day: day.format(starts), zone };
  const words = (sameDay ? time.dataset.sameDay : time.dataset.otherDay).replace(
    /\{(start|end|day|zone)\}/g,
    (_, name) => values[name],
  );

  const line = document.createElement("p");
  line.className = "quiet";
  line.textContent = words;
  (time.closest("p") ?? time).after(line);
}

document.querySelectorAll("time[data-local-time]").forEach(showLocalTime);
