import type { Catalog } from "@popp-webhooks/core";
import type { Transition } from "../inbox-options.ts";
import type { Clock } from "../lib/clock.ts";
import type { Telemetry, TelemetryLabels } from "../ports/telemetry.ts";

type Outcome = NonNullable<TelemetryLabels["outcome"]>;

/** What the measurements of an inbox depend on. */
interface Measured {
  readonly telemetry: Required<Telemetry>;
  readonly source: string;
  readonly catalog: Catalog;
  readonly clock: Clock;
}

/** Counts and times what an inbox does. */
export class InboxMeter {
  readonly #inbox: Measured;

  constructor(inbox: Measured) {
    this.#inbox = inbox;
  }

  /** Runs the work that stores a delivery. */
  async delivery<T extends { readonly outcome: Outcome }>(eventName: string, store: () => Promise<T>): Promise<T> {
    const { telemetry, clock } = this.#inbox;
    const startedAtMs = clock.now();
    let outcome: Outcome = "failed";
    try {
      const stored = await store();
      outcome = stored.outcome;
      return stored;
    } finally {
      const labels = this.#labels(eventName, outcome);
      telemetry.count("deliveries", labels);
      telemetry.record("accept", (clock.now() - startedAtMs) / 1_000, labels);
    }
  }

  /** An operator made an event due again. */
  redriven(eventName: string): void {
    this.#inbox.telemetry.count("redriven", this.#labels(eventName));
  }

  /** The state of an event has changed. */
  changed(transition: Transition): void {
    const { telemetry } = this.#inbox;
    const { state, eventName, note, durationMs } = transition;
    const hasFailed = "error" in transition;
    if (state === "done") telemetry.count("handled", this.#labels(eventName, doneAs(note)));
    if (state === "dead") telemetry.count("dead", this.#labels(eventName));
    if (hasFailed) telemetry.count("failed", this.#labels(eventName));
    // A done event with a note had no handler to run.
    if (durationMs === undefined || (state === "done" && note !== undefined)) return;
    const outcome = hasFailed ? "failed" : state === "done" ? "done" : "put-off";
    telemetry.record("handler", durationMs / 1_000, this.#labels(eventName, outcome));
  }

  /** Any sender may invent names. Only those of the catalog become labels, so that their number stays bounded. */
  #labels(eventName: string, outcome?: Outcome): TelemetryLabels {
    const { source, catalog } = this.#inbox;
    const name = Object.hasOwn(catalog, eventName) ? eventName : "UNRECOGNIZED";
    return { source, eventName: name, ...(outcome !== undefined && { outcome }) };
  }
}

function doneAs(note: string | undefined): Outcome {
  return note === "unhandled" || note === "superseded" ? note : "done";
}
