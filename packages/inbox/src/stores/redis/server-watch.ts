import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Durability } from "../../ports/store.ts";
import { SettingsCheck } from "./check-durability.ts";
import type { Connection } from "./connection.ts";
import { prepareKeys } from "./migrate.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { RunScript } from "./run-script.ts";
import { NO_KEYS } from "./scripts/accept.ts";
import { type Send, sendReading } from "./send.ts";

/** What is known of the server is read again after this time, beside the calls, in milliseconds. */
const REFRESH_MS = 1_000;

/** After this time calls wait until it has been read. */
const STALE_MS = 4_000;

/** What a {@link ServerWatch} needs. */
export interface WatchConfig {
  readonly connection: Connection;
  readonly send: Send;
  readonly run: RunScript;
  readonly prefix: string;
  readonly allowDataLoss: boolean;
  readonly migrate: boolean;
}

/** Tells the operator. */
type Report = (error: WebhookError) => void;

interface Look {
  readonly sinceMs: number;
  readonly connections: number;
  readonly end: Promise<void>;
}

/**
 * Looks at the server while the store is open: whether it still keeps what it accepts, and still has what it accepted. Operators change settings, and a
 * failover or a restore brings another server.
 *
 * It has no timer: calls of the store make it look.
 */
export class ServerWatch {
  readonly #config: WatchConfig;
  readonly #settings: SettingsCheck;
  #report: Report = () => {};
  #isOpen = false;
  #durability: Durability = "none";
  /** The durability of the server when it was last accepted. */
  #promised: Durability = "none";
  #problem: WebhookError | undefined;
  /** The text of the key that holds the version. */
  #schema: string | null = null;
  /** The highest number of an event that was accepted. */
  #highest = 0;
  #seen: Pick<Look, "sinceMs" | "connections"> = { sinceMs: Number.NEGATIVE_INFINITY, connections: 0 };
  #looking: Look | undefined;
  #preparing: Promise<void> | undefined;

  constructor(config: WatchConfig) {
    this.#config = config;
    this.#settings = new SettingsCheck(config.send);
  }

  get durability(): Durability {
    return this.#durability;
  }

  /** Why nothing is accepted at present. */
  get problem(): WebhookError | undefined {
    return this.#problem;
  }

  get highest(): number {
    return this.#highest;
  }

  /** Looks for the first time, and creates or moves the keys. */
  async open(report: Report | undefined): Promise<void> {
    if (report !== undefined) this.#report = report;
    if (this.#isOpen) return this.look();
    await this.#look();
    if (this.#problem !== undefined) throw this.#problem;
    this.#isOpen = true;
  }

  /** Tells the operator what a call has found. */
  tell(message: string | undefined): void {
    if (message !== undefined) this.#report(new WebhookError("STORE_UNAVAILABLE", message));
  }

  /** Looks again unless it has just done so. What it returns has to be waited for: undefined when nothing has. */
  look(): Promise<void> | undefined {
    const ageMs = performance.now() - this.#seen.sinceMs;
    const isSame = this.#seen.connections === this.#config.connection.count();
    if (ageMs < REFRESH_MS && isSame) return undefined;
    const looking = this.#look();
    if (ageMs >= STALE_MS || !isSame) return looking;
    // Should it fail, the calls of the store fail too, and tell.
    looking.catch(() => {});
    return undefined;
  }

  /**
   * Stores something only while the server keeps what it stores.
   *
   * @throws WebhookError `STORE_UNAVAILABLE` when it does not, perhaps after it was stored: then a later delivery is a duplicate
   */
  async safely<T>(store: () => Promise<T>): Promise<T> {
    // Not awaited in vain: this runs with each delivery.
    const looking = this.look();
    if (looking !== undefined) await looking;
    if (this.#problem !== undefined) throw this.#problem;
    const { count } = this.#config.connection;
    const connections = count();
    const stored = await store().catch((error: unknown) => this.#withoutKeys(error, store));
    // The client may have sent it again by itself, to another server.
    if (count() !== connections) await this.#assertSafe();
    return stored;
  }

  async #assertSafe(): Promise<void> {
    await this.look();
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Stores something once more when the keys were gone, and are there again. */
  async #withoutKeys<T>(error: unknown, store: () => Promise<T>): Promise<T> {
    if (!(error instanceof Error && error.message.startsWith(NO_KEYS))) throw error;
    await this.#looking?.end.catch(() => {});
    await this.#look();
    await this.#assertSafe();
    return store();
  }

  /**
   * Compares the numbers of new events with the highest one before: they grow, unless the server has lost its newest events.
   *
   * @param before - the highest number when the events were sent
   */
  accepted(numbers: readonly number[], before: number): void {
    const lowest = Math.min(...numbers);
    if (lowest <= before && before <= this.#highest) this.#tellLoss(before - lowest + 1);
    this.#highest = lowest <= before ? Math.max(...numbers) : Math.max(this.#highest, ...numbers);
  }

  #look(): Promise<void> {
    const sinceMs = performance.now();
    const connections = this.#config.connection.count();
    const running = this.#looking;
    // One that never ends, as on a platform that cancels what a request has begun, is not waited for again.
    if (running && running.connections === connections && sinceMs - running.sinceMs < STALE_MS) return running.end;
    const end = this.#read().then(() => {
      this.#seen = { sinceMs, connections };
    });
    const looking = { sinceMs, connections, end };
    this.#looking = looking;
    const forget = () => {
      if (this.#looking === looking) this.#looking = undefined;
    };
    end.then(forget, forget);
    return end;
  }

  async #read(): Promise<void> {
    const { allowDataLoss, connection } = this.#config;
    const before = this.#highest;
    const [{ durability, problem }, keys] = await Promise.all([
      this.#settings.read(connection.count()),
      this.#readKeys(),
    ]);
    const refused = allowDataLoss ? undefined : problem;
    if (refused === undefined) await this.#compareKeys(keys, before);
    else this.#refuse(new WebhookError("STORE_UNAVAILABLE", `Redis ${refused} ${this.#isOpen ? UNTIL : OVERRIDE}`));
    this.#compareDurability(durability);
  }

  /** A script, so that a cluster sends it to the primary of the keys. */
  async #readKeys() {
    const { send, prefix } = this.#config;
    const text = 'return redis.call("MGET", KEYS[1], KEYS[2])';
    const keys = ["schema", "sequence"].map((key) => `${prefix}:${key}`);
    const [schema, sequence] = listOf(await sendReading(send, ["EVAL", text, "2", ...keys]));
    return { schema: textOf(schema), sequence: numberOf(sequence) ?? 0 };
  }

  async #compareKeys(
    { schema, sequence }: { readonly schema: string | null; readonly sequence: number },
    before: number,
  ) {
    if (this.#isOpen && schema === null) this.tell(GONE);
    else if (this.#isOpen && sequence < before) this.#tellLoss(before - sequence);
    if (sequence < before) this.#highest = sequence;
    else this.#highest = Math.max(this.#highest, sequence);
    try {
      if (schema === null || schema !== this.#schema) await this.#prepare();
      this.#schema = schema;
      this.#accept();
    } catch (error) {
      if (!isWebhookError(error)) throw error;
      this.#refuse(error);
    }
  }

  /** Moving a large store may take longer than a caller waits. It goes on, and the next call waits for the same. */
  #prepare(): Promise<void> {
    const { send, run, prefix, migrate } = this.#config;
    this.#preparing ??= prepareKeys(send, run, { prefix, migrate }).finally(() => {
      this.#preparing = undefined;
    });
    return this.#preparing;
  }

  #refuse(problem: WebhookError): void {
    if (this.#isOpen && this.#problem?.message !== problem.message) this.#report(problem);
    this.#problem = problem;
  }

  #accept(): void {
    if (this.#isOpen && this.#problem !== undefined) this.tell(RIGHT_AGAIN);
    this.#problem = undefined;
  }

  #compareDurability(durability: Durability): void {
    this.#durability = durability;
    // A server that is refused has been told of already.
    if (this.#problem !== undefined) return;
    const before = this.#promised;
    this.#promised = durability;
    if (!this.#isOpen || durability === before || this.#config.allowDataLoss) return;
    const change = `\`inbox.durability\` was "${before}" and is "${durability}" now`;
    this.tell(`The settings of Redis have changed: ${change}. See \`appendfsync\` and \`no-appendfsync-on-rewrite\`.`);
  }

  #tellLoss(count: number): void {
    const events = count === 1 ? "the newest event" : `the ${count} newest events`;
    this.tell(
      `Redis has lost ${events} that it had accepted: it was restored, or a replica without them is the primary now. Have them delivered again.`,
    );
  }
}

const OVERRIDE = "To accept it as it is, use `redisStore(client, { allowDataLoss: true })`.";
const UNTIL =
  "It was changed while the store is open: deliveries are answered with 503 until it is right, and what was accepted in the last seconds may be lost.";
const RIGHT_AGAIN = "Redis is as the store needs it again: deliveries are accepted.";
const GONE =
  "The keys of the store are gone from Redis: they were deleted, or the client has come to another server or database. Events that were accepted are lost with them: restore them, or have them delivered again. The store goes on with new keys.";
