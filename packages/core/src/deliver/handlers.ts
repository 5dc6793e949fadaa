import type { Catalog, EventOf, UnrecognizedEvent } from "../events/event.ts";

/** What a handler is given beside the event. */
export interface HandlerContext {
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
  /** Called for what is genuine but unknown to the catalogue, or no longer fits it: such an event is never given to the handler of its name. */
  readonly UNRECOGNIZED?: Handler<UnrecognizedEvent, Context>;
};
