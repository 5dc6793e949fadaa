import type { InspectorInbox } from "./inspector-options.ts";
import type { Recordings } from "./requests/recordings.ts";

/** What the page is told when something changed. */
export interface Snapshot {
  /** Differs whenever something changed. The same in every process. */
  readonly id: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly names: readonly string[];
  readonly oldestDueMs: number;
  readonly paused: readonly string[];
}

/** A stream ends after this long, so that `authorize` is asked again. The page connects again by itself. */
const STREAM_MS = 300_000;

/** Proxies end a stream that is silent for a minute. */
const BEAT_MS = 20_000;

/** Names are suggested for a filter, and a filter has no longer ones. */
const isShort = (name: string) => name.length <= 500;

/** Looks for changes: once for all pages of a process, and only while a page is open. */
export class LiveFeed {
  readonly #inbox: InspectorInbox;
  readonly #recordings: Recordings | undefined;
  readonly #pollMs: number;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #latest: Snapshot | undefined;

  constructor(inbox: InspectorInbox, recordings: Recordings | undefined, pollMs: number) {
    this.#inbox = inbox;
    this.#recordings = recordings;
    this.#pollMs = pollMs;
  }

  /** Asks the store. */
  async look(): Promise<Snapshot> {
    const [stats, { records }] = await Promise.all([this.#inbox.stats(), this.#inbox.page({ limit: 1 })]);
    const { counts, oldestDueMs, paused, names } = stats;
    const [newest] = records;
    const states = ["received", "processing", "retry", "done", "dead", "rejected"] as const;
    const sizes = states.map((state) => counts[state]).join("-");
    const head = newest ? `${newest.cursor}-${newest.updatedAt.getTime()}-${newest.duplicates}` : "";
    return {
      id: [sizes, head, paused.length, this.#recordings?.version() ?? ""].join("_").replace(/[^\w.-]/g, ""),
      ...{ counts, oldestDueMs, paused, names: Object.keys(names).filter(isShort).sort() },
    };
  }

  /** A stream of server-sent events: a snapshot at each change, and at once where `lastId` is not the latest. */
  stream(lastId: string | null): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let end = () => {};
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        let sent = lastId;
        const send = (text: string) => controller.enqueue(encoder.encode(text));
        const listener = (snapshot: Snapshot) => {
          if (snapshot.id === sent) return;
          sent = snapshot.id;
          send(`id: ${snapshot.id}\ndata: ${JSON.stringify(snapshot)}\n\n`);
        };
        send("retry: 2000\n\n");
        const beat = setInterval(() => send(": \n\n"), BEAT_MS);
        const limit = setTimeout(() => {
          end();
          controller.close();
        }, STREAM_MS);
        end = () => {
          clearInterval(beat);
          clearTimeout(limit);
          this.#leave(listener);
        };
        if (this.#latest !== undefined) listener(this.#latest);
        this.#join(listener);
      },
      cancel: () => end(),
    });
  }

  #join(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#poll();
  }

  #leave(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#latest = undefined;
  }

  async #poll(): Promise<void> {
    const latest = await this.look().catch(() => undefined);
    if (this.#listeners.size === 0) return;
    // While the store fails, pages keep what they show; their own requests say what is wrong.
    if (latest !== undefined) {
      this.#latest = latest;
      for (const listener of this.#listeners) listener(latest);
    }
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#poll(), this.#pollMs);
    Object(this.#timer).unref?.();
  }
}
