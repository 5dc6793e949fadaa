import { assumeVerified, parseEvent } from "@popp-webhooks/core";
import { indexOf } from "../event/subject.ts";
import { UNREADABLE } from "../event/tag.ts";
import type { InboxConfig } from "../inbox-config.ts";
import type { EventIndex } from "../ports/changes.ts";
import type { UnindexedEvent } from "../ports/queries.ts";

/** How many events one step indexes: their bodies are in memory together. */
const STEP = 50;

/** The pause between two steps, in milliseconds, so that deliveries go first. */
const PAUSE_MS = 20;

/** The pause after a step that failed, in milliseconds. */
const RETRY_MS = 30_000;

/** Indexes the events that a version without an index has stored. */
export class Indexer {
  readonly #config: Pick<InboxConfig, "store" | "source" | "subjectFields" | "clock" | "reportError">;
  /** Once there are none, there never are any again. */
  #isComplete = false;
  #isStarted = false;
  #isStopped = false;
  #cancelPause = () => {};

  constructor(config: Pick<InboxConfig, "store" | "source" | "subjectFields" | "clock" | "reportError">) {
    this.#config = config;
  }

  /** Whether every stored event has its index. */
  async isComplete(): Promise<boolean> {
    const { store, source } = this.#config;
    this.#isComplete ||= (await store.unindexed(source, 1)).length === 0;
    return this.#isComplete;
  }

  /** Indexes everything in the background, step by step. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#run();
  }

  /** Stops after the current step. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelPause();
  }

  /** Indexes everything now. */
  async finish(): Promise<void> {
    while (!this.#isComplete) await this.step();
  }

  /** Indexes some events. */
  async step(): Promise<void> {
    if (this.#isComplete) return;
    const { store, source } = this.#config;
    const events = await store.unindexed(source, STEP);
    if (events.length > 0) await store.index(events.map((event) => this.#indexOf(event)));
    this.#isComplete = events.length === 0;
  }

  async #run(): Promise<void> {
    const { clock, reportError } = this.#config;
    while (!this.#isComplete && !this.#isStopped) {
      let pauseMs = PAUSE_MS;
      try {
        await this.step();
      } catch (error) {
        pauseMs = RETRY_MS;
        if (!this.#isStopped) reportError(error);
      }
      if (this.#isComplete || this.#isStopped) return;
      await new Promise<void>((resolve) => {
        this.#cancelPause = clock.after(pauseMs, resolve);
      });
    }
  }

  #indexOf({ key, name, body }: UnindexedEvent): EventIndex {
    if (body === null) return { key, ...indexOf(this.#config, name, {}), tags: [UNREADABLE] };
    return { key, ...indexOf(this.#config, name, dataOf(body)) };
  }
}

/** The data of a stored body; an empty object when it is no event. */
function dataOf(body: Uint8Array): unknown {
  try {
    return parseEvent(assumeVerified(body)).data;
  } catch {
    return {};
  }
}
