import { it } from "vitest";

/** Says that a runtime is not here: a line of output and a test that is skipped, or where it is required, fails. */
export function absent(name: string, why: string, required: boolean): void {
  if (!required) console.warn(`${name} is not tested: ${why}.`);
  it.skipIf(!required)(name, () => {
    throw new Error(`${name} is required here, but: ${why}.`);
  });
}
