import type { Refusal } from "../errors/refusal.ts";

/** Looks at a chunk, and says with a refusal that there is no point in going on. */
export type Take = (chunk: unknown) => Refusal | undefined;

/** One way to read a stream of bytes, whatever kind of stream it is. */
export interface BodyReader {
  /**
   * Hands over each chunk until the stream ends or one is refused, and resolves to that refusal.
   *
   * Rejects when the stream breaks off. What is not a chunk of bytes is handed over as it is.
   */
  read(take: Take): Promise<Refusal | undefined>;
  /**
   * Lets the rest of the body flow away unread.
   *
   * Closing the stream instead would reset the connection on a Node server, and the client would never see the answer.
   */
  discard(patienceMs: number): void;
}

/** Pulls chunks until there are no more, or one is refused. */
export async function drain(
  next: () => Promise<{
    readonly done?: boolean | undefined;
    readonly value?: unknown;
  }>,
  take: Take,
): Promise<Refusal | undefined> {
  for (;;) {
    const { done, value } = await next();
    const refusal = done ? undefined : take(value);
    if (done || refusal) return refusal;
  }
}
