import type { StoreCase } from "../store-case.ts";
import { acceptCases } from "./accept.ts";
import { claimCases } from "./claim.ts";
import { leaseCases } from "./lease.ts";
import { overdueCases } from "./overdue.ts";
import { recordCases } from "./records.ts";
import { settleCases } from "./settle.ts";
import { transactCases } from "./transact.ts";

/** Everything that a store must get right, as data: for a runner other than vitest, run each and expect it to resolve. */
export const storeCases: readonly StoreCase[] = [
  ...acceptCases,
  ...claimCases,
  ...leaseCases,
  ...settleCases,
  ...overdueCases,
  ...transactCases,
  ...recordCases,
];
