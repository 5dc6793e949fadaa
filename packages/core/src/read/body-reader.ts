import type { Refusal } from "../errors/refusal.ts";

/** Takes a chunk. Returns a refusal when reading must stop. */
export type Take = (chunk: unknown) => Refusal | undefined;

/** Reads one kind of stream. */
export interface BodyReader {
  /**
   * Passes on each chunk until the stream ends or a chunk is refused, and resolves to that refusal.
   *
   * Rejects when the stream breaks off. A chunk that is no bytes is passed on as it is.
   */
  read(take: Take): Promise<Refusal | undefined>;
  /**
   * Drains the rest of the body. What it throws, or the promise it returns rejects with, is to be ignored.
   *
   * Closing the stream instead would reset the connection on a Node server, and the client would never see the answer.
   */
  discard(patienceMs: number): unknown;
}

/** Pulls chunks until there are no more, or one is refused. */
export async function drain(
  next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>,
  take: Take,
): Promise<Refusal | undefined> {
  for (;;) {
    const { done, value } = await next();
    const refusal = done ? undefined : take(value);
    if (done || refusal) return refusal;
  }
}
