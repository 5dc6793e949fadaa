import type { HistoryEntry } from "@popp-webhooks/inbox";
import type { Detail as Shown } from "../src/views.ts";
import { act } from "./api.ts";
import { Body } from "./body.tsx";
import { Back, Fact, Facts } from "./facts.tsx";
import { State } from "./list.tsx";
import { detail, go, place, refresh, revealDetail, session, showList, snapshot } from "./state.ts";
import { clockOf, Line, spanOf } from "./text.tsx";
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
      <Body title="Body" content={event.body} isMasked={event.isMasked}>
        {event.isMasked && event.hasBody && session.value?.body === "reveal" && (
          <button type="button" onClick={() => revealDetail()}>
            Reveal values
          </button>
        )}
      </Body>
      <Facts title="Headers" pairs={Object.entries(event.headers)} />
    </article>
  );
}
