import { checkCatalog } from "../events/check-catalog.ts";
import type { AnyEvent, Catalog, EventOf, UnrecognizedEvent } from "../events/event.ts";
import { invalidOption } from "../lib/check-options.ts";
import type { VerifiedBody } from "../verify/verified-body.ts";

/** What a handler is given beside the event. */
export interface HandlerContext {
  /**
   * The signed bytes, exactly as they came. Numbers above 2^53 lose digits when JSON is parsed, and a field that you store byte for
   * byte may be needed as it was written: both are here.
   */
  readonly body: VerifiedBody;
  /** Aborted when the handler's time is up: pass it on to whatever can be cancelled. */
  readonly signal: AbortSignal;
  /** What makes two deliveries the same event: the `eventId`, or where there is none `sha256:` and the hash of the body. */
  readonly idempotencyKey: string;
}

/** Your function for one kind of event; what it returns is awaited and discarded. */
export type Handler<Event, Context = HandlerContext> = (event: Event, context: Context) => unknown;

/** A handler per event's name, each typed by its event; `UNRECOGNIZED` is a name like any other. An event without a handler is a normal 200. */
export type Handlers<Events extends Catalog, Context = HandlerContext> = {
  readonly [Name in Exclude<keyof Events, "UNRECOGNIZED">]?: Handler<EventOf<Events, Name>, Context>;
} & {
  /** Called for genuine deliveries that the catalog cannot type. The handler of the event's own name is not called for them. */
  readonly UNRECOGNIZED?: Handler<UnrecognizedEvent, Context>;
};

/**
 * Puts handlers into a map by event name. Own properties only, since an event may be called `constructor`.
 *
 * @param owner - the function that takes the handlers, named in errors
 * @throws WebhookError `CONFIG_INVALID` when `on` is no plain object of functions, or names an event that the catalog does not have
 */
export function handlersByName<Context>(
  owner: string,
  on: unknown,
  catalog: Catalog,
): ReadonlyMap<string, Handler<AnyEvent, Context>> {
  checkCatalog(owner, catalog);
  if (!isPlainObject(on)) throw invalidOption(owner, "on", "an object with your handlers by event name", on);
  const handlers = new Map<string, Handler<AnyEvent, Context>>();
  for (const [name, handler] of Object.entries(on)) {
    if (handler === undefined) continue;
    if (typeof handler !== "function") throw invalidOption(owner, `on.${name}`, "a function", handler);
    if (name !== "UNRECOGNIZED" && !Object.hasOwn(catalog, name))
      throw invalidOption(owner, `on.${name}`, "the name of an event in `catalog`, or UNRECOGNIZED", handler);
    handlers.set(name, (event, context) => handler(event, context));
  }
  return handlers;
}

/** Whether all its properties are its own: handlers that are methods of a class, or in a Map, would never be found. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype) === null;
}

/** One run of a handler: its context, and how to abort it. */
export interface HandlerRun {
  readonly context: HandlerContext;
  readonly abort: (reason: Error) => void;
}

/** Starts a run. Its signal is created when it is asked for, because that costs more than everything else in a quick handler's run. */
export function handlerRun(idempotencyKey: string, body: VerifiedBody): HandlerRun {
  let made: AbortController | undefined;
  const controller = () => {
    made ??= new AbortController();
    return made;
  };
  return {
    context: {
      idempotencyKey,
      body,
      get signal() {
        return controller().signal;
      },
    },
    // Also for a handler that asks for its signal only later.
    abort: (reason) => controller().abort(reason),
  };
}
