import type { Clock } from "./clock.ts";

/**
 * A set whose members count only for a limited time: Workers cancel a request together with all work in it, and `finally` never runs. Without a limit,
 * what that work has taken would stay taken.
 */
export class ExpiringSet<Member> {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  /** The oldest first. */
  readonly #members = new Set<{ readonly member: Member; readonly expiresAtMs: number }>();

  constructor(clock: Clock, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Adds a member. Returns a function that removes it. */
  add(member: Member): () => void {
    const entry = { member, expiresAtMs: this.#clock.now() + this.#maxAgeMs };
    this.#members.add(entry);
    return () => this.#members.delete(entry);
  }

  /** The members that still count. */
  get members(): readonly Member[] {
    const nowMs = this.#clock.now();
    for (const entry of this.#members) {
      if (entry.expiresAtMs > nowMs) break;
      this.#members.delete(entry);
    }
    return [...this.#members].map(({ member }) => member);
  }
}
