import type { ComponentChildren } from "preact";
import type { Row } from "../src/views.ts";
import { addressOf, go, next, now, place, rows, searched, showMore } from "./state.ts";
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

/** A list of links, of which one is reached by Tab: the open one, or the first. */
export function Rows<Row>(props: {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  /** What stands in the address; empty where there is no detail. */
  readonly keyOf: (row: Row) => string;
  readonly children: (row: Row) => ComponentChildren;
}) {
  const { label, rows, idOf, keyOf, children } = props;
  const isOpen = (row: Row) => keyOf(row) !== "" && keyOf(row) === place.value.key;
  const reached = rows.find(isOpen) ?? rows[0];
  return (
    <ul class="rows" aria-label={label} onKeyDown={move}>
      {rows.map((row) => (
        <li key={idOf(row)}>
          <a
            class="row"
            href={addressOf({ key: keyOf(row) })}
            aria-current={isOpen(row)}
            tabIndex={row === reached ? 0 : -1}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go({ key: keyOf(row) });
            }}
          >
            {children(row)}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The button below a list that has more. */
export function More() {
  return next.value === null ? null : (
    <button type="button" class="more" onClick={() => showMore()}>
      Show more
    </button>
  );
}

export function State({ state }: { readonly state: string }) {
  return (
    <span class={`state s-${state}`}>
      <i aria-hidden="true" />
      {state}
    </span>
  );
}

function EventRow({ row }: { readonly row: Row }) {
  return (
    <>
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
        {row.key === "" && row.note !== "erased" && <span>its key is too long to open it</span>}
      </span>
      {(row.error ?? row.note) !== null && row.state !== "done" && (
        <span class="error">
          <Line text={row.error ?? row.note ?? ""} />
        </span>
      )}
    </>
  );
}

export function List() {
  const found = rows.value;
  if (found === null) return <p class="empty">Reading…</p>;
  return (
    <>
      {found.length === 0 && next.value === null && <p class="empty">No event matches.</p>}
      <Rows label="Events" rows={found} idOf={({ cursor }) => cursor} keyOf={({ key }) => key}>
        {(row) => <EventRow row={row} />}
      </Rows>
      {searched.value !== null && <p class="empty">{searched.value}</p>}
      <More />
    </>
  );
}
