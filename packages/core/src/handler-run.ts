import type { HandlerContext } from "./handlers.ts";

/** One run of a handler: what it is given, and how it is told that its time is up. */
export class HandlerRun implements HandlerContext {
  readonly idempotencyKey: string;
  #abort: AbortController | undefined;

  constructor(idempotencyKey: string) {
    this.idempotencyKey = idempotencyKey;
  }

  /** Made when it is asked for: it costs more than all else that a quick handler's run does. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** Also for a handler that asks for its signal only later. */
  abort(reason: Error): void {
    this.#abort ??= new AbortController();
    this.#abort.abort(reason);
  }
}
