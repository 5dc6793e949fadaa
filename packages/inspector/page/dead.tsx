import { useState } from "preact/hooks";
import type { DeadGroup } from "../src/dead-letters.ts";
import { act } from "./api.ts";
import { attempt, filterParams, groups, now, refresh, session } from "./state.ts";
import { ago, Line } from "./text.tsx";
import { later } from "./undo.ts";

/** The filter of a group: what the page filters by, and only what is dead up to now, so that the count stays true. */
function filterOf({ event }: DeadGroup): Record<string, string> {
  return { until: new Date().toISOString(), ...filterParams(), state: "dead", event };
}

interface Asked {
  readonly count: number;
  readonly filter: Record<string, string>;
}

function Redrive({ group }: { readonly group: DeadGroup }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const { error } = group;
  if (asked === null)
    return (
      <button
        type="button"
        onClick={() =>
          attempt(async () => {
            const filter = filterOf(group);
            const { redriven } = await act<{ redriven: number }>("redrive", { filter, error, dryRun: true });
            setAsked({ count: redriven, filter });
          })
        }
      >
        Redrive…
      </button>
    );
  const label = `Redrive ${asked.count} ${asked.count === 1 ? "event" : "events"}`;
  return (
    <span class="tools">
      <button
        type="button"
        class="main"
        onClick={() => {
          setAsked(null);
          later(label, async () => {
            const { redriven } = await act<{ redriven: number }>("redrive", { filter: asked.filter, error });
            await refresh();
            return `${redriven} redriven.`;
          });
        }}
      >
        {label}
      </button>
      <button type="button" class="quiet" onClick={() => setAsked(null)}>
        Keep
      </button>
    </span>
  );
}

/** Dead letters, by event and error. */
export function DeadLetters() {
  const found = groups.value;
  if (found === null) return <p class="empty">Reading…</p>;
  if (found.groups.length === 0) return <p class="empty">No event is dead.</p>;
  return (
    <>
      <ul class="groups" aria-label="Dead letters">
        {found.groups.map((group) => (
          <li key={`${group.event} ${group.error}`}>
            <b class="count">{group.count}</b>
            <span class="name">
              <Line text={group.event || "(no name)"} most={80} />
            </span>
            <time>{ago(group.latestAt, now.value)}</time>
            <span class="error">
              <Line text={group.error} most={200} />
            </span>
            {session.value?.can === "act" && <Redrive group={group} />}
          </li>
        ))}
      </ul>
      {!found.isComplete && <p class="empty">The newest 5,000 dead events are grouped here.</p>}
    </>
  );
}
