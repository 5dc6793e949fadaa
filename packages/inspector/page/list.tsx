import type { Row } from "../src/views.ts";
import { addressOf, go, next, now, place, recordings, rows, searched, showMore } from "./state.ts";
import { ago, clockOf, Line } from "./text.tsx";

/** Arrows move the focus; Enter opens, as with every link. */
function move(event: KeyboardEvent): void {
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("a")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const target = links[Math.max(0, Math.min(links.length - 1, to))];
  for (const link of links) link.tabIndex = link === target ? 0 : -1;
  target?.focus();
}

function open(event: MouseEvent, key: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ key });
}

export function State({ state }: { readonly state: string }) {
  return (
    <span class={`state s-${state}`}>
      <i aria-hidden="true" />
      {state}
    </span>
  );
}

function EventRow({ row, isFirst }: { readonly row: Row; readonly isFirst: boolean }) {
  const { key } = place.value;
  const isOpen = row.key !== "" && row.key === key;
  return (
    <li>
      <a
        class="row"
        href={addressOf({ key: row.key })}
        aria-current={isOpen}
        tabIndex={isOpen || (isFirst && !key) ? 0 : -1}
        onClick={(event) => open(event, row.key)}
      >
        <span class="name">
          <Line text={row.name || "(rejected body)"} most={80} />
        </span>
        <time title={clockOf(row.receivedAt)}>{ago(row.receivedAt, now.value)}</time>
        <span class="sub">
          <State state={row.state} />
          {row.recordId !== null && (
            <span class="id">
              <Line text={row.recordId} most={40} />
            </span>
          )}
          {row.attempts > 1 && <span>{row.attempts} attempts</span>}
          {row.duplicates > 0 && <span>{row.duplicates} again</span>}
        </span>
        {(row.error ?? row.note) !== null && row.state !== "done" && (
          <span class="error">
            <Line text={row.error ?? row.note ?? ""} />
          </span>
        )}
      </a>
    </li>
  );
}

export function List() {
  const found = rows.value;
  if (found === null) return <p class="empty">Reading…</p>;
  const hasOpen = found.some(({ key }) => key !== "" && key === place.value.key);
  return (
    <>
      {found.length === 0 && next.value === null && <p class="empty">No event matches.</p>}
      <ul class="rows" aria-label="Events" onKeyDown={move}>
        {found.map((row, at) => (
          <EventRow key={row.cursor} row={row} isFirst={at === 0 || (at === 0 && !hasOpen)} />
        ))}
      </ul>
      {searched.value !== null && <p class="empty">{searched.value}</p>}
      {next.value !== null && (
        <button type="button" class="more" onClick={() => showMore()}>
          Show more
        </button>
      )}
    </>
  );
}

export function RequestList() {
  const found = recordings.value;
  if (found === null) return <p class="empty">Reading…</p>;
  if (found.length === 0) return <p class="empty">No request yet.</p>;
  return (
    <ul class="rows" aria-label="Requests" onKeyDown={move}>
      {found.map(({ id, method, path, atMs, status, verdict, event }, at) => (
        <li key={id}>
          <a
            class="row"
            href={addressOf({ key: id })}
            aria-current={id === place.value.key}
            tabIndex={id === place.value.key || (at === 0 && !place.value.key) ? 0 : -1}
            onClick={(press) => open(press, id)}
          >
            <span class="name">
              <Line text={event ?? `${method} ${path}`} most={80} />
            </span>
            <time title={clockOf(atMs)}>{ago(atMs, now.value)}</time>
            <span class="sub">
              <span class={`state ${status !== null && status < 300 ? "s-done" : "s-dead"}`}>
                <i aria-hidden="true" />
                {status ?? "open"}
              </span>
              <Line text={verdict} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
