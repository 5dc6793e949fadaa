import type { StoreCase } from "../store-case.ts";
import { acceptCases } from "./accept.ts";
import { claimCases } from "./claim.ts";
import { claimLimitCases } from "./claim-limits.ts";
import { countCases } from "./counts.ts";
import { eraseCases } from "./erase.ts";
import { historyCases } from "./history.ts";
import { leaseCases } from "./lease.ts";
import { listCases } from "./lists.ts";
import { overdueCases } from "./overdue.ts";
import { recordCases } from "./records.ts";
import { redriveCases } from "./redrive.ts";
import { settleCases } from "./settle.ts";
import { transactCases } from "./transact.ts";

/** All rules for stores. With a runner other than vitest, call `run` of each case and expect it to resolve. */
export const storeCases: readonly StoreCase[] = [
  ...acceptCases,
  ...claimCases,
  ...claimLimitCases,
  ...leaseCases,
  ...settleCases,
  ...overdueCases,
  ...transactCases,
  ...recordCases,
  ...listCases,
  ...redriveCases,
  ...eraseCases,
  ...historyCases,
  ...countCases,
];
