import type { AdapterCase } from "../adapter-case.ts";
import { byteCases } from "./bytes.ts";
import { handlerCases } from "./handlers.ts";
import { limitCases } from "./limits.ts";
import { shutdownCases } from "./shutdown.ts";
import { signatureCases } from "./signatures.ts";

/** Everything that an adapter must get right, as data: for a runner other than vitest, run each and expect it to resolve. */
export const adapterCases: readonly AdapterCase[] = [
  ...byteCases,
  ...signatureCases,
  ...limitCases,
  ...handlerCases,
  ...shutdownCases,
];
