import { type BaseIssue, safeParse } from "valibot";
import { type Issue, jsonTypeOf } from "../errors/issue.ts";
import type { Catalog } from "../events/event.ts";
import { compile } from "./compile-schema.ts";

/** Where data does not fit its schema. */
export class SchemaMismatch {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    this.issues = issues;
  }
}

/** Fits data to one event's schema: gives the data, the same object unless the schema changes it, or says where it does not fit. */
export type Validator = (data: object) => unknown;

const fits = /* @__PURE__ */ new WeakMap<Catalog, Map<string, Validator>>();

/** The fit for one event of a catalogue, made when the event is first met; undefined when the catalogue does not have it. */
export function validatorFor(catalog: Catalog, name: string): Validator | undefined {
  let known = fits.get(catalog);
  if (known === undefined) {
    known = new Map();
    fits.set(catalog, known);
  }
  return known.get(name) ?? prepare(catalog, name, known);
}

function prepare(catalog: Catalog, name: string, known: Map<string, Validator>): Validator | undefined {
  const schema = Object.hasOwn(catalog, name) ? catalog[name] : undefined;
  if (schema === undefined) return undefined;
  const check = compile(schema);
  const fit: Validator = (data) => {
    if (check?.(data)) return data;
    const result = safeParse(schema, data);
    return result.success ? result.output : new SchemaMismatch(result.issues.map(issueOf));
  };
  known.set(name, fit);
  return fit;
}

/** Valibot's own issue quotes the value, and of a missing field it names the key as expected; ours names types. */
function issueOf(issue: BaseIssue<unknown>): Issue {
  const path = ["data", ...(issue.path ?? []).map((item) => String(item.key))].join(".");
  const expected = issue.input === undefined ? undefined : issue.expected;
  return { path, expected: expected ?? "a value", received: jsonTypeOf(issue.input) };
}
