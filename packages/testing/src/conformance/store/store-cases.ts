import { acceptCases } from "./cases/accept.ts";
import { auditCases } from "./cases/audit.ts";
import { claimCases } from "./cases/claim.ts";
import { leaseCases } from "./cases/lease.ts";
import { overdueCases } from "./cases/overdue.ts";
import { settleCases } from "./cases/settle.ts";
import { transactCases } from "./cases/transact.ts";
import type { StoreCase } from "./store-case.ts";

/** Everything that a store must get right, as data: for a runner other than vitest, run each and expect it to resolve. */
export const storeCases: readonly StoreCase[] = [
  ...acceptCases,
  ...claimCases,
  ...leaseCases,
  ...settleCases,
  ...overdueCases,
  ...transactCases,
  ...auditCases,
];
