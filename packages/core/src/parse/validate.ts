import type { BaseIssue } from "valibot";
import { type Issue, jsonTypeOf } from "../errors/issue.ts";
import type { Catalog } from "../events/event.ts";
import { compile } from "./compile-schema.ts";

/** The places where data does not fit its schema. */
export class SchemaMismatch {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    this.issues = issues;
  }
}

/** Validates the data of one event. Returns the data, the same object unless the schema changes it, or a {@link SchemaMismatch}. */
export type Validator = (data: object) => unknown;

const validators = /* @__PURE__ */ new WeakMap<Catalog, Map<string, Validator>>();

/** The validator for one event of a catalog, prepared when the event is first met. Undefined when the catalog does not have the event. */
export function validatorFor(catalog: Catalog, name: string): Validator | undefined {
  let known = validators.get(catalog);
  if (known === undefined) {
    known = new Map();
    validators.set(catalog, known);
  }
  return known.get(name) ?? prepare(catalog, name, known);
}

function prepare(catalog: Catalog, name: string, known: Map<string, Validator>): Validator | undefined {
  const schema = Object.hasOwn(catalog, name) ? catalog[name] : undefined;
  if (schema === undefined) return undefined;
  const check = compile(schema);
  const validate: Validator = (data) => {
    if (check?.(data)) return data;
    const { issues, value } = schema["~run"]({ value: data }, {});
    return issues ? new SchemaMismatch(issues.map(issueOf)) : value;
  };
  known.set(name, validate);
  return validate;
}

/** Converts an issue of valibot, which quotes the value, and names the key of a missing field as expected. Ours names types only. */
function issueOf(issue: BaseIssue<unknown>): Issue {
  const path = ["data", ...(issue.path ?? []).map((item) => String(item.key))].join(".");
  const expected = issue.input === undefined ? undefined : issue.expected;
  return { path, expected: expected ?? "a value", received: jsonTypeOf(issue.input) };
}
