/** The public face of core, as a case meets it. */
export type Core = typeof import("../src/index.ts");

/** One thing that core promises on every runtime. It knows web standards only, and no test framework. */
export interface Case {
  /** What is promised, as a sentence. */
  readonly name: string;
  /** Rejects when the promise is not kept. */
  readonly run: (core: Core) => Promise<void>;
}
