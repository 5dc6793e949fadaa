import type { Recording } from "../src/requests/recordings.ts";
import { Body } from "./body.tsx";
import { Back, Fact, Facts } from "./facts.tsx";
import { More, Rows } from "./list.tsx";
import { FILTERS, go, next, now, place, request, requests } from "./state.ts";
import { ago, clockOf, Line, spanOf } from "./text.tsx";

const isGood = (status: number | null) => status !== null && status < 300;

function Status({ status }: { readonly status: number | null }) {
  return (
    <span class={`state s-${status === null ? "received" : isGood(status) ? "done" : "dead"}`}>
      <i aria-hidden="true" />
      {status ?? "no answer yet"}
    </span>
  );
}

function RequestRow({ row }: { readonly row: Recording }) {
  const { method, path, atMs, status, durationMs, verdict, explanation, event } = row;
  return (
    <>
      <span class="name">
        <Line text={event ?? `${method} ${path}`} most={80} />
      </span>
      <time title={clockOf(atMs)}>{ago(atMs, now.value)}</time>
      <span class="sub">
        <Status status={status} />
        <Line text={verdict} />
        {durationMs !== null && <span>{spanOf(durationMs)}</span>}
      </span>
      {explanation !== null && !isGood(status) && (
        <span class="error">
          <Line text={explanation} />
        </span>
      )}
    </>
  );
}

/** Every request that reached the receiver. */
export function RequestList() {
  const found = requests.value;
  if (found === null) return <p class="empty">Reading…</p>;
  const isFiltered = FILTERS.requests.some((name) => place.value[name]);
  return (
    <>
      {found.length === 0 && next.value === null && (
        <p class="empty">{isFiltered ? "No request matches." : "No request yet. They appear here as they come."}</p>
      )}
      <Rows label="Requests" rows={found} idOf={({ id }) => id} keyOf={({ id }) => id}>
        {(row) => <RequestRow row={row} />}
      </Rows>
      <More />
    </>
  );
}

/** One request: why it was refused, what was sent, and what was answered. */
export function RequestDetail() {
  const shown = request.value;
  if (shown === null || shown.id !== place.value.key) return <p class="empty wide">Choose a request.</p>;
  const { id, method, path, status, durationMs, verdict, explanation, event, eventId, isMasked, response } = shown;
  const took = durationMs === null ? "" : ` in ${spanOf(durationMs)}`;
  return (
    <article aria-label="Request" key={id}>
      <Back />
      <header>
        <h2>
          <Line text={event ?? `${method} ${path}`} most={200} />
        </h2>
        <Status status={status} />
        <span class="state">
          <Line text={verdict} />
        </span>
      </header>
      {explanation !== null && (
        <p class={isGood(status) ? "explain good" : "explain"}>
          <Line text={explanation} most={2_000} />
        </p>
      )}
      {eventId !== null && (
        <div class="acts">
          <button type="button" onClick={() => go({ view: "", key: eventId })}>
            Show the event
          </button>
        </div>
      )}
      <dl>
        <Fact name="Request" value={`${method} ${path}`} />
        <Fact name="Received" value={clockOf(shown.atMs)} />
        <Fact name="Answer" value={status === null ? "none yet" : `${status}${took}`} />
      </dl>
      <Body title="Body" content={shown.body} isMasked={isMasked} />
      <Facts title="Headers" pairs={shown.headers} />
      {response !== null && (
        <>
          <Body title="Answer" content={response.body} isMasked={isMasked} />
          <Facts title="Headers of the answer" pairs={response.headers} />
        </>
      )}
    </article>
  );
}
