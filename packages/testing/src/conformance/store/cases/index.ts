import type { StoreCase } from "../store-case.ts";
import { acceptCases } from "./accept.ts";
import { claimCases } from "./claim.ts";
import { leaseCases } from "./lease.ts";
import { overdueCases } from "./overdue.ts";
import { recordCases } from "./records.ts";
import { settleCases } from "./settle.ts";
import { transactCases } from "./transact.ts";

/** All rules for stores. With a runner other than vitest, call `run` of each case and expect it to resolve. */
export const storeCases: readonly StoreCase[] = [
  ...acceptCases,
  ...claimCases,
  ...leaseCases,
  ...settleCases,
  ...overdueCases,
  ...transactCases,
  ...recordCases,
];
