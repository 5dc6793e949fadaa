import type { AdapterCase } from "./adapter-case.ts";
import { byteCases } from "./cases/bytes.ts";
import { handlerCases } from "./cases/handlers.ts";
import { limitCases } from "./cases/limits.ts";
import { shutdownCases } from "./cases/shutdown.ts";
import { signatureCases } from "./cases/signatures.ts";

/** Everything that an adapter must get right, as data: for a runner other than vitest, run each and expect it to resolve. */
export const adapterCases: readonly AdapterCase[] = [
  ...byteCases,
  ...signatureCases,
  ...limitCases,
  ...handlerCases,
  ...shutdownCases,
];
