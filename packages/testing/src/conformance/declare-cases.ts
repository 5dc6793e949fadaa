import { it, type TestContext } from "vitest";

/**
 * Declares one test for each case of a suite.
 *
 * @param impossible - cases to skip: the case's name and the reason, which becomes part of the test's name
 */
export function declareCases<Case extends { readonly name: string }>(
  cases: readonly Case[],
  impossible: Readonly<Record<string, string>>,
  run: (one: Case, context: TestContext) => Promise<void>,
  timeoutMs: number,
): void {
  const unknown = Object.keys(impossible).filter((name) => !cases.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new Error(`\`impossible\`: the suite has no case ${unknown.map((name) => JSON.stringify(name)).join(", ")}.`);
  for (const one of cases) {
    const reason = impossible[one.name];
    if (reason === undefined) it(one.name, (context) => run(one, context), timeoutMs);
    else it(`${one.name} (not here: ${reason})`, ({ skip }) => skip(reason));
  }
}

/** Skips a case if the subject lacks the part that it needs, so that the case does not count as passed. */
export function skipUnlessProvided<Part extends string>(
  needs: Part | undefined,
  subject: { readonly [part in Part]?: unknown },
  { skip }: TestContext,
): void {
  if (needs !== undefined && subject[needs] === undefined) skip(`the subject under test has no ${needs}`);
}
