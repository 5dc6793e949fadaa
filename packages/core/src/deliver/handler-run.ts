import type { HandlerContext } from "./handlers.ts";

/** One run of a handler: what it is given, and how it is told that its time is up. */
export interface HandlerRun {
  readonly context: HandlerContext;
  readonly abort: (reason: Error) => void;
}

/** Makes a run whose signal is made when it is asked for: it costs more than all else that a quick handler's run does. */
export function handlerRun(idempotencyKey: string): HandlerRun {
  let made: AbortController | undefined;
  const controller = () => {
    made ??= new AbortController();
    return made;
  };
  return {
    context: {
      idempotencyKey,
      get signal() {
        return controller().signal;
      },
    },
    // Also for a handler that asks for its signal only later.
    abort: (reason) => controller().abort(reason),
  };
}
