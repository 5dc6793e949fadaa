import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./style.css";
import { get } from "./api.ts";
import { Chart } from "./chart.tsx";
import { DeadLetters } from "./dead.tsx";
import { EventDetail } from "./detail.tsx";
import { List } from "./list.tsx";
import { follow } from "./live.ts";
import { RequestDetail, RequestList } from "./requests.tsx";
import {
  addressOf,
  attempt,
  FILTERS,
  type Filter,
  go,
  isLive,
  type Place,
  place,
  problem,
  type Session,
  session,
  showDetail,
  showList,
  snapshot,
  viewOf,
} from "./state.ts";
import { Line, spanOf } from "./text.tsx";
import { pending, said, undo } from "./undo.ts";

const STATES = ["", "received", "processing", "retry", "done", "dead", "rejected"] as const;

function goBy(event: MouseEvent, change: Place): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(change);
}

function Badge() {
  const badge = useRef<HTMLSpanElement>(null);
  const environment = session.value?.environment ?? null;
  useEffect(() => {
    badge.current?.style.setProperty("--badge", environment?.color ?? "");
  }, [environment]);
  return environment === null ? null : (
    <span class="badge" ref={badge}>
      {environment.name}
    </span>
  );
}

function Top() {
  const view = viewOf(place.value);
  const oldest = snapshot.value?.oldestDueMs ?? 0;
  const views = [
    ["", "Events"],
    ["dead", "Dead letters"],
    ...(session.value?.hasRecordings ? [["requests", "Requests"]] : []),
  ];
  return (
    <header class="top">
      <h1>Inspector</h1>
      <Badge />
      <nav aria-label="Views">
        {views.map(([name = "", label]) => (
          <a
            key={name}
            href={addressOf({ view: name, key: "" })}
            aria-current={(view === "events" ? "" : view) === name ? "page" : undefined}
            onClick={(event) => goBy(event, { view: name, key: "" })}
          >
            {label}
          </a>
        ))}
      </nav>
      <p class="status" role="status">
        {oldest > 0 && <span>Oldest due: {spanOf(oldest)}</span>}
        <span class={isLive.value ? "live on" : "live"}>
          <i aria-hidden="true" />
          {isLive.value ? "Live" : "Not live"}
        </span>
        <span class="who">
          {session.value?.name}
          {session.value?.can === "read" && " (reads only)"}
        </span>
      </p>
    </header>
  );
}

function Counts() {
  const counts = snapshot.value?.counts;
  const all = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
  return (
    <nav class="counts" aria-label="States">
      {STATES.map((state) => (
        <a
          key={state}
          href={addressOf({ state })}
          aria-current={(place.value.state ?? "") === state}
          onClick={(event) => goBy(event, { state, key: "" })}
        >
          <span class={`state s-${state || "all"}`}>
            {state !== "" && <i aria-hidden="true" />}
            {state || "all"}
          </span>
          <b>{counts === undefined ? "–" : (state === "" ? all : (counts[state] ?? 0)).toLocaleString("en")}</b>
        </a>
      ))}
    </nav>
  );
}

const ANSWERS = [
  ["", "All"],
  ["accepted", "Accepted"],
  ["refused", "Refused"],
] as const;

function Answers() {
  return (
    <nav class="answers" aria-label="Answers">
      {ANSWERS.map(([answer, label]) => (
        <a
          key={answer}
          href={addressOf({ answer })}
          aria-current={(place.value.answer ?? "") === answer}
          onClick={(event) => goBy(event, { answer, key: "" })}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}

let typing: ReturnType<typeof setTimeout> | undefined;

function Field({
  name,
  label,
  type = "search",
}: {
  readonly name: keyof Place;
  readonly label: string;
  readonly type?: "search" | "datetime-local";
}) {
  const isTime = type === "datetime-local";
  return (
    <label>
      <span>{label}</span>
      <input
        type={type}
        name={name}
        value={place.value[name] ?? ""}
        maxLength={500}
        {...(name === "event" && { list: "names" })}
        onInput={({ currentTarget: { value } }) => {
          clearTimeout(typing);
          typing = setTimeout(() => go({ [name]: value, key: "" }, true), isTime ? 0 : 250);
        }}
      />
    </label>
  );
}

const LABELS: Readonly<Partial<Record<Filter, string>>> = {
  event: "Event",
  recordId: "Record id",
  about: "About",
  text: "Text",
  find: "Path, status, verdict or key",
  since: "From",
  until: "Until",
};

function Filters() {
  const view = viewOf(place.value);
  const isMasked = session.value?.body === "masked";
  const names: Filter[] = FILTERS[view].filter((name) => LABELS[name] && !(name === "text" && isMasked));
  const isTime = (name: Filter) => name === "since" || name === "until";
  return (
    <search class="filters">
      {view === "requests" && <Answers />}
      {names.map((name) => (
        <Field key={name} name={name} label={LABELS[name] ?? ""} {...(isTime(name) && { type: "datetime-local" })} />
      ))}
      {names.some((name) => place.value[name]) && (
        <button type="button" class="quiet" onClick={() => go(Object.fromEntries(names.map((name) => [name, ""])))}>
          Clear
        </button>
      )}
      <datalist id="names">
        {(snapshot.value?.names ?? []).slice(0, 100).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </search>
  );
}

function Toast() {
  const waits = pending.value;
  return (
    <div class="toasts" role="status">
      {waits !== null && (
        <div class="toast">
          <span>
            <Line text={waits.label} />: in {waits.leftS} s
          </span>
          <button type="button" onClick={undo}>
            Undo
          </button>
        </div>
      )}
      {waits === null && said.value !== null && (
        <div class="toast">
          <span>{said.value}</span>
          <button
            type="button"
            onClick={() => {
              said.value = null;
            }}
          >
            Close
          </button>
        </div>
      )}
    </div>
  );
}

function App() {
  const view = viewOf(place.value);
  const isOpen = Boolean(place.value.key);
  return (
    <div class={`app ${isOpen ? "is-open" : ""}`}>
      <Top />
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {view === "events" && <Counts />}
      <Filters />
      {view !== "requests" && <Chart />}
      <main>
        <section class="pane list" aria-label="List">
          {view === "events" ? <List /> : view === "dead" ? <DeadLetters /> : <RequestList />}
        </section>
        {view !== "dead" && (
          <section class="pane detail" aria-label="Detail">
            {view === "requests" ? <RequestDetail /> : <EventDetail />}
          </section>
        )}
      </main>
      <Toast />
    </div>
  );
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !place.value.key) return;
  const { key } = place.value;
  go({ key: "" });
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`.row[href*="${CSS.escape(encodeURIComponent(key))}"]`)?.focus(),
  );
});

const app = document.getElementById("app");
if (app !== null) render(<App />, app);
attempt(async () => {
  session.value = await get<Session>("session");
  await Promise.all([showList(), showDetail()]);
  follow();
});
