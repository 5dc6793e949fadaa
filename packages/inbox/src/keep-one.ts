import { WebhookError } from "@popp-webhooks/core";
import { isPromiseLike, tellOperator } from "@popp-webhooks/core/internal";
import { processWide } from "./lib/process-wide.ts";

/** What can be closed, such as an inbox. */
export interface Closable {
  /** Ends it. */
  close(): unknown;
}

interface Kept<One> {
  readonly one: One;
  readonly close: () => unknown;
}

/** What an inbox has beside `close`. */
interface Startable {
  readonly isStarted: boolean;
  start(): void;
}

/**
 * Keeps one inbox per name in this process: for development servers, which evaluate a module again when its code has changed. The inbox of the code before
 * would go on, handle events by the old code, and keep its file or its connections open.
 *
 * When it is called again with the same name, it creates the new inbox, closes the old one with the store that it opened, and says so in one line. The old one
 * claims nothing more from then on; its running handlers may end. If the old one was started, the new one is started too. When creating fails, the old one
 * goes on and the error is thrown.
 *
 * What it returns always is the latest one, whoever calls its methods: Next evaluates a module once for each of its bundles, and a route that was not loaded
 * again must not deliver to an inbox that is closed.
 *
 * Create the store inside the function. A store is closed with its inbox; a pool of connections that you create is yours: keep it in a variable of `globalThis`.
 *
 * @param name - tells what is kept apart
 * @param create - creates it, without a promise
 * @returns what `create` returned the last time, in any evaluation
 * @throws WebhookError `CONFIG_INVALID` when an argument is not usable
 *
 * @example
 * ```ts
 * import { createInbox, keepOne } from "@popp-webhooks/inbox";
 * import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
 *
 * export const inbox = keepOne("popp", () =>
 *   createInbox({
 *     store: sqliteStore("popp.db"),
 *     on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 *   }),
 * );
 * inbox.start();
 * ```
 */
export function keepOne<One extends Closable>(name: string, create: () => One): One;
/**
 * Keeps one of anything, such as an inbox together with what it needs.
 *
 * @param name - tells what is kept apart
 * @param create - creates it, without a promise
 * @param close - how to end it
 * @returns what `create` returned the last time, in any evaluation
 * @throws WebhookError `CONFIG_INVALID` when an argument is not usable
 */
export function keepOne<One extends object>(name: string, create: () => One, close: (one: One) => unknown): One;
export function keepOne<One extends object>(
  name: string,
  create: () => One,
  close: (one: One) => unknown = closeIt,
): One {
  if (typeof name !== "string" || name === "") throw invalid("`name` must be a text that is not empty.");
  if (typeof create !== "function") throw invalid(`\`create\` must be a function, received ${typeof create}.`);
  const all = processWide<Kept<One>>("kept");
  const old = all.get(name);
  const one = create();
  if (isPromiseLike(one)) throw invalid("`create` must return the inbox itself, not a promise of it.");
  if (close === closeIt && !isClosable(one)) throw invalid("`create` must return an inbox, or `close` must be given.");
  all.set(name, { one, close: () => close(one) });
  if (old !== undefined) {
    // biome-ignore lint/suspicious/noConsole: not a failure, but a take-over must not go unseen
    console.info(
      `[popp-webhooks] keepOne(${JSON.stringify(name)}): the code was loaded again. The new inbox takes over, and the old one is closed.`,
    );
    const wasStarted = isStartable(old.one) && old.one.isStarted;
    void end(old.close);
    if (wasStarted && isStartable(one)) one.start();
  }
  return latest(() => all.get(name)?.one ?? one, one);
}

/** An object whose methods and properties are those of the latest one. */
function latest<One extends object>(find: () => One, first: One): One {
  return new Proxy(first, {
    get: (_, property) => {
      const value: unknown = Reflect.get(find(), property);
      if (typeof value !== "function") return value;
      return (...values: unknown[]) => {
        const method: unknown = Reflect.get(find(), property);
        return typeof method === "function" ? Reflect.apply(method, find(), values) : undefined;
      };
    },
  });
}

/** Never rejects: the new one must start whatever becomes of the old one. */
async function end(close: () => unknown): Promise<void> {
  try {
    await close();
  } catch (cause) {
    const sentence = "keepOne could not close what the code before had created. It may go on until the process ends.";
    tellOperator({ level: "error", code: "INTERNAL", sentence, cause });
  }
}

function closeIt(one: unknown): unknown {
  return isClosable(one) ? one.close() : undefined;
}

function isClosable(one: unknown): one is Closable {
  return typeof Reflect.get(Object(one), "close") === "function";
}

function isStartable(one: unknown): one is Startable {
  return typeof Reflect.get(Object(one), "start") === "function" && Reflect.has(Object(one), "isStarted");
}

function invalid(problem: string): WebhookError {
  return new WebhookError("CONFIG_INVALID", `keepOne: ${problem}`);
}
