import { isWebhookError, WebhookError } from "@popp-webhooks/core";

/** What an operator can do about the errors of a server. Before Redis 7, the word stands inside the message of the script. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [
    /\bOOM\b/,
    "Redis' memory is full, and it refuses new events. Raise `maxmemory`, or delete old events: `keepBodiesDays`, `inbox.prune()`.",
  ],
  [/\bMISCONF\b/, "Redis cannot write to its disk, and refuses writes. Look at the disk and the log of the server."],
  [
    /\bNOREPLICAS\b/,
    "Redis has fewer replicas than `min-replicas-to-write`, and refuses writes. Look at the replicas of the server.",
  ],
  [
    /\bREADONLY\b/,
    "Redis is a read-only replica: another server is the primary now. Connect the client to that one. ioredis does so with `reconnectOnError`; with node-redis, restart the process.",
  ],
  [/\bLOADING\b/, "Redis is still loading its data."],
  [/\bMASTERDOWN\b/, "Redis is a replica without its primary. Connect the client to the primary."],
  [
    /\b(MOVED|ASK|CROSSSLOT|CLUSTERDOWN)\b/,
    "The keys are on another node of a Redis cluster, or the cluster is down. A cluster needs `new Cluster()` of ioredis.",
  ],
  [/\b(NOAUTH|WRONGPASS)\b/, "Redis wants a password, or refuses the one of the client."],
  [
    /\bNOPERM\b/,
    "Redis' access rules forbid a command or a key. Allow the store's keys and the commands that it needs.",
  ],
  [
    /\b(WRONGTYPE|not an integer|not a valid float)\b/,
    "A key of the store holds a value of another kind than the store gave it: another program has written it. Restore the key, or delete it.",
  ],
  [/\bBUSY\b/, "Redis runs a script of another client that does not end. `SCRIPT KILL` ends it."],
];

/** Explains what an operator can mend. The error of the server is the cause. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || isWebhookError(error)) return error;
  const sentence = SENTENCES.find(([pattern]) => pattern.test(error.message))?.[1];
  return sentence === undefined ? error : new WebhookError("STORE_UNAVAILABLE", sentence, { cause: error });
}
