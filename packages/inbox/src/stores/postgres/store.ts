import type { InboxStore } from "../../ports/store.ts";
import { withAsciiText } from "./ascii-text.ts";
import { assertPreparable } from "./assert-preparable.ts";
import { callsOf } from "./calls.ts";
import type { PostgresAdapter } from "./clients/adapter.ts";
import { listEvents } from "./list-events.ts";
import { type TablesConfig, tablesOf } from "./open/tables.ts";
import { prune } from "./prune.ts";
import { acceptOperation } from "./sql/accept.ts";
import * as change from "./sql/change.ts";
import { claimOperation } from "./sql/claim.ts";
import { statsOperation, timelineOperation } from "./sql/count.ts";
import { capRejectedOperation } from "./sql/prune.ts";
import * as read from "./sql/read.ts";
import { renewOperation } from "./sql/settle.ts";
import { tallyOf } from "./tally.ts";
import { transact } from "./transact.ts";
import { untilConnected } from "./until-connected.ts";
import { writesOf } from "./writes.ts";

/** The settings of a store. */
export interface PostgresConfig extends TablesConfig {
  readonly maxPendingCalls: number;
}

/** Creates a store on one client. */
export function storeOn<Tx>(adapter: PostgresAdapter<Tx>, config: PostgresConfig): InboxStore<Tx> {
  const { allowUnsafeCommit, transactionTimeoutMs, maxPendingCalls } = config;
  const { open, qualified, look, isUnicode } = tablesOf(adapter, config);
  const calls = callsOf(adapter, { qualified, look, maxPendingCalls });
  const { limited, run, runAgain } = calls;
  const writes = writesOf(calls);
  const tally = tallyOf(calls);
  let forget: (() => void) | undefined;

  const store: InboxStore<Tx> = {
    durability: adapter.embedded ?? (allowUnsafeCommit ? "process" : "power-loss"),
    open: async () => {
      forget ??= adapter.watch();
      await assertPreparable(adapter);
      await open();
    },
    accept: (event) => limited(() => tally.counted(writes.accept(event))),
    reject: (event, cap) =>
      limited(async () => {
        await runAgain(acceptOperation(event, "rejected"));
        await runAgain(capRejectedOperation(event.source, cap));
      }),
    claim: (request) => limited(() => tally.counted(run(claimOperation(request)))),
    correctDueTimes: (source) => limited(() => runAgain(change.correctDueTimesOperation(source))),
    renew: (lease, leaseMs) => limited(() => runAgain(renewOperation(lease, leaseMs))),
    settle: (lease, settlement) => limited(() => tally.counted(writes.settle(lease, settlement))),
    transact: (lease, work) => transact({ adapter, qualified, transactionTimeoutMs }, lease, work),
    newestDone: (orderKey) => limited(() => runAgain(read.newestDoneOperation(orderKey))),
    get: (key) => limited(() => runAgain(read.getOperation(key))),
    list: (query) =>
      limited(() => untilConnected(() => listEvents({ adapter, qualified, transactionTimeoutMs }, query))),
    overdue: (query) => limited(() => runAgain(read.overdueOperation(query))),
    dueInMs: (key) => limited(() => runAgain(read.dueInOperation(key))),
    redrive: (keys, force) => limited(() => runAgain(change.redriveOperation(keys, force))),
    erase: (keys) => limited(() => runAgain(change.eraseOperation(keys))),
    pause: (source, name) => limited(() => runAgain(change.pauseOperation(source, name))),
    resume: (source, name) => limited(() => runAgain(change.resumeOperation(source, name))),
    stats: (source) => limited(() => runAgain(statsOperation(source))),
    timeline: (query) => limited(() => runAgain(timelineOperation(query))),
    prune: (request) => limited(() => prune(calls, request)),
    unindexed: (source, limit) => limited(() => runAgain(read.unindexedOperation(source, limit))),
    index: async (entries) => {
      if (entries.length > 0) await limited(() => runAgain(change.indexOperation(entries)));
    },
    close: async () => {
      await tally.idle();
      forget?.();
      forget = undefined;
    },
  };
  return withAsciiText(store, isUnicode);
}
