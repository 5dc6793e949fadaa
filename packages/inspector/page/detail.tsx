import type { HistoryEntry } from "@popp-webhooks/inbox";
import { useState } from "preact/hooks";
import type { Detail as Shown } from "../src/views.ts";
import { act } from "./api.ts";
import { State } from "./list.tsx";
import {
  detail,
  go,
  place,
  recording,
  refresh,
  revealDetail,
  session,
  showDetail,
  showList,
  snapshot,
} from "./state.ts";
import { Block, clockOf, Line, spanOf } from "./text.tsx";
import { later } from "./undo.ts";

const TITLES: Readonly<Record<string, string>> = {
  redrive: "Redriven by an operator",
  erase: "Erased by an operator",
  duplicate: "Delivered again",
  conflict: "Delivered again with a different body",
};

function Moment({ entry }: { readonly entry: HistoryEntry }) {
  if (entry.kind !== "attempt") {
    const count = "count" in entry && entry.count > 1 ? `, ${entry.count} times` : "";
    return (
      <li class={`k-${entry.kind}`}>
        <b>
          {TITLES[entry.kind] ?? entry.kind}
          {count}
        </b>
        <time>{clockOf(String(entry.at))}</time>
      </li>
    );
  }
  const { number, outcome, durationMs, error } = entry;
  return (
    <li class={`o-${outcome}`}>
      <b>
        Attempt {number}: {outcome}
      </b>
      <time>
        {clockOf(String(entry.at))}
        {durationMs !== null && ` · ${spanOf(durationMs)}`}
      </time>
      {error && (
        <p class="error">
          <Line text={`${error.name}: ${error.message}`} most={600} />
          {error.frame !== null && (
            <small>
              <Line text={error.frame} />
            </small>
          )}
        </p>
      )}
    </li>
  );
}

function prettyOf(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Body({ event }: { readonly event: Shown }) {
  const [isRaw, setRaw] = useState(false);
  const { body, hasBody, isMasked, bytes } = event;
  const canReveal = isMasked && session.value?.body === "reveal";
  return (
    <section>
      <div class="bar">
        <h3>Body {hasBody && <small>{bytes.toLocaleString("en")} bytes</small>}</h3>
        <span class="tools">
          {canReveal && hasBody && (
            <button type="button" onClick={() => revealDetail()}>
              Reveal values
            </button>
          )}
          {body !== null && !isMasked && (
            <button type="button" class="quiet" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
              Raw
            </button>
          )}
        </span>
      </div>
      {!hasBody && <p class="empty">The body is not stored any more.</p>}
      {hasBody && body === null && <p class="empty">The body is masked.</p>}
      {body !== null && <Block key={event.key} text={isRaw ? body : prettyOf(body)} label="Body" />}
    </section>
  );
}

function Acts({ event }: { readonly event: Shown }) {
  if (session.value?.can !== "act" || event.key === "") return null;
  const { key, name, state, note } = event;
  const isPaused = snapshot.value?.paused.includes(name) ?? false;
  const isHandled = state === "done" && note === null;
  const after = async () => {
    await refresh();
  };
  return (
    <div class="acts">
      {(state === "dead" || state === "retry" || state === "done") && note !== "erased" && (
        <button
          type="button"
          class="main"
          onClick={() =>
            later(isHandled ? "Handle this event a second time" : "Redrive this event", async () => {
              const result = await act<{ redriven: number; refused?: string }>("redrive", { key, force: isHandled });
              await after();
              return result.redriven > 0 ? "The event is due now." : `Not redriven: it is ${result.refused}.`;
            })
          }
        >
          {isHandled ? "Run again" : "Redrive"}
        </button>
      )}
      {name !== "" && (
        <button
          type="button"
          onClick={() =>
            later(`${isPaused ? "Resume" : "Pause"} ${name.slice(0, 60)}`, async () => {
              await act(isPaused ? "resume" : "pause", { name });
              await after();
              return isPaused ? "These events are handled again." : "These events wait until they are resumed.";
            })
          }
        >
          {isPaused ? "Resume this name" : "Pause this name"}
        </button>
      )}
      {note !== "erased" && (
        <button
          type="button"
          class="danger"
          onClick={() =>
            later("Erase this event", async () => {
              await act("erase", { key });
              go({ key: "" });
              await showList(true);
              return "The event is erased.";
            })
          }
        >
          Erase
        </button>
      )}
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null || value === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Line text={value} most={300} />
      </dd>
    </>
  );
}

function Headers({
  pairs,
  title = "Headers",
}: {
  readonly pairs: readonly (readonly [string, string])[];
  readonly title?: string;
}) {
  if (pairs.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {pairs.map(([name, value], at) => (
          <Fact key={`${at} ${name}`} name={name.slice(0, 100)} value={value} />
        ))}
      </dl>
    </section>
  );
}

function Back() {
  return (
    <button type="button" class="quiet back" onClick={() => go({ key: "" })}>
      ← List
    </button>
  );
}

export function EventDetail() {
  const event = detail.value;
  if (event === null || event.key !== place.value.key) return <p class="empty wide">Choose an event.</p>;
  const { state, note, name, attempts, history } = event;
  return (
    <article aria-label="Event" key={event.key}>
      <Back />
      <header>
        <h2>
          <Line text={name || "(rejected body)"} most={200} />
        </h2>
        <State state={state} />
      </header>
      <Acts event={event} />
      <dl>
        <Fact name="Key" value={event.key} />
        <Fact name="Record" value={event.recordId} />
        <Fact name="Note" value={note} />
        <Fact name="Received" value={clockOf(event.receivedAt)} />
        <Fact name="Due" value={event.dueAt === null ? null : clockOf(event.dueAt)} />
        <Fact name="Attempts" value={`${attempts}${event.crashes > 0 ? `, ${event.crashes} crashed` : ""}`} />
        <Fact
          name="Delivered again"
          value={event.duplicates > 0 ? `${event.duplicates} (${event.conflicts} with another body)` : null}
        />
        <Fact name="SHA-256" value={event.hash} />
      </dl>
      <section>
        <h3>What happened</h3>
        <ol class="history" aria-label="What happened">
          <li class="k-received">
            <b>Received</b>
            <time>{clockOf(event.receivedAt)}</time>
          </li>
          {history.map((entry, at) => (
            <Moment key={`${at} ${entry.kind}`} entry={entry} />
          ))}
        </ol>
      </section>
      <Body event={event} />
      <Headers pairs={Object.entries(event.headers)} />
    </article>
  );
}

export function RequestDetail() {
  const request = recording.value;
  if (request === null || request.id !== place.value.key) return <p class="empty wide">Choose a request.</p>;
  const { method, path, status, durationMs, verdict, explanation, response } = request;
  return (
    <article aria-label="Request" key={request.id}>
      <Back />
      <header>
        <h2>
          <Line text={`${method} ${path}`} most={200} />
        </h2>
      </header>
      {explanation !== null && <p class="explain">{explanation}</p>}
      <dl>
        <Fact name="Verdict" value={verdict} />
        <Fact name="Received" value={clockOf(request.atMs)} />
        <Fact
          name="Answer"
          value={status === null ? "none yet" : `${status}${durationMs === null ? "" : ` in ${spanOf(durationMs)}`}`}
        />
      </dl>
      {request.eventId !== null && (
        <p>
          <button
            type="button"
            onClick={() => {
              go({ view: "", key: request.eventId ?? "" });
              showDetail();
            }}
          >
            Show the event
          </button>
        </p>
      )}
      <Headers pairs={request.headers} />
      <section>
        <h3>Body</h3>
        <Block text={prettyOf(request.body)} label="Body" />
      </section>
      {response !== null && (
        <>
          <Headers pairs={response.headers} title="Headers of the answer" />
          <section>
            <h3>Answer</h3>
            <Block text={prettyOf(response.body)} label="Answer" />
          </section>
        </>
      )}
    </article>
  );
}
