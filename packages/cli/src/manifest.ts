import { createRequire } from "node:module";

interface Manifest {
  readonly version: string;
  readonly description: string;
}

/** The package.json of the command line. */
export const manifest: Manifest = createRequire(import.meta.url)("../package.json");
