import type { AdapterCase } from "../adapter-case.ts";
import { byteCases } from "./bytes.ts";
import { handlerCases } from "./handlers.ts";
import { limitCases } from "./limits.ts";
import { shutdownCases } from "./shutdown.ts";
import { signatureCases } from "./signatures.ts";

/** All rules for adapters. With a runner other than vitest, call `run` of each case in this order and expect it to resolve. */
export const adapterCases: readonly AdapterCase[] = [
  ...byteCases,
  ...signatureCases,
  ...limitCases,
  ...handlerCases,
  ...shutdownCases,
];
