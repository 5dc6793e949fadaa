import type { InboxConfig } from "../inbox-config.ts";
import { ExpiringSet } from "../lib/expiring-set.ts";
import type { ClaimRequest } from "../ports/claims.ts";

/** One call of the store's `claim`: how many events at most, and of which names. */
export type ClaimPart = Pick<ClaimRequest, "limit" | "onlyNames" | "exceptNames">;

/**
 * The places for handlers in this process: `concurrency` in all, and fewer for names with a cap of their own. Running handlers take places, and so
 * do the claims under way, for as many events as they may bring.
 */
export class Places {
  readonly #config: InboxConfig;
  readonly #taken: ExpiringSet<ClaimPart>;
  #turn = 0;

  constructor(config: InboxConfig) {
    this.#config = config;
    this.#taken = new ExpiringSet(config.clock, config.handlerTimeoutMs + config.leaseMs);
  }

  /** How many more handlers may start. Negative when messages of a queue started more than that. */
  get free(): number {
    return this.#config.concurrency - sum(this.#taken.members);
  }

  /** Takes a place for a handler. Returns a function that frees it. */
  takeFor(name: string): () => void {
    return this.#taken.add({ limit: 1, onlyNames: [name], exceptNames: [] });
  }

  /**
   * Claims at most `limit` events, and never more of a name than its cap allows: a name that has fewer free places than that gets a claim of its own.
   * These claims take turns at being the first, so that no name can take the places of all others.
   */
  async claim<Run>(limit: number, claimPart: (part: ClaimPart) => Promise<readonly Run[]>): Promise<readonly Run[]> {
    const { caps, claimed } = this.#config;
    const apart = [...caps.keys()].filter((name) => isIn(claimed, name) && isBetween(0, this.#freeOf(name), limit));
    const groups = [null, ...apart];
    const first = this.#turn++ % groups.length;
    const runs: Run[] = [];
    for (const name of [...groups.slice(first), ...groups.slice(0, first)]) {
      const left = limit - runs.length;
      const part = name === null ? this.#partWithout(apart, left) : this.#partOf(name, left);
      if (part.limit > 0) runs.push(...(await this.#whileTaken(part, claimPart)));
    }
    return runs;
  }

  #partWithout(apart: readonly string[], limit: number): ClaimPart {
    const { caps, claimed } = this.#config;
    const { onlyNames, exceptNames } = claimed;
    const full = [...caps.keys()].filter((name) => apart.includes(name) || this.#freeOf(name) < limit);
    return { limit: onlyNames?.length === 0 ? 0 : limit, onlyNames, exceptNames: [...exceptNames, ...full] };
  }

  #partOf(name: string, limit: number): ClaimPart {
    return { limit: Math.min(limit, this.#freeOf(name)), onlyNames: [name], exceptNames: [] };
  }

  async #whileTaken<Result>(part: ClaimPart, claimPart: (part: ClaimPart) => Promise<Result>): Promise<Result> {
    const free = this.#taken.add(part);
    try {
      return await claimPart(part);
    } finally {
      free();
    }
  }

  #freeOf(name: string): number {
    const taken = this.#taken.members.filter((part) => isIn(part, name));
    return (this.#config.caps.get(name) ?? Number.POSITIVE_INFINITY) - sum(taken);
  }
}

/** Whether a claim may bring events of this name. */
export function isIn({ onlyNames, exceptNames }: Omit<ClaimPart, "limit">, name: string): boolean {
  return (onlyNames?.includes(name) ?? true) && !exceptNames.includes(name);
}

function sum(parts: readonly ClaimPart[]): number {
  return parts.reduce((total, { limit }) => total + limit, 0);
}

function isBetween(low: number, value: number, high: number): boolean {
  return low < value && value < high;
}
