/**
 * The kinds of schemas that the catalog is made of. They work as valibot's own, alone and inside of one: the types are valibot's, and so are
 * the fields that its functions read. Its code is not bundled with them.
 */
import type * as v from "valibot";
import { jsonTypeOf } from "../errors/issue.ts";

export const string = (): v.StringSchema<undefined> => schema("string");

export const number = (): v.NumberSchema<undefined> => schema("number");

export const boolean = (): v.BooleanSchema<undefined> => schema("boolean");

export const unknown = (): v.UnknownSchema => schema("unknown");

export const nullable = <Wrapped extends v.GenericSchema>(wrapped: Wrapped): v.NullableSchema<Wrapped, undefined> =>
  schema("nullable", `(${wrapped.expects} | null)`, { wrapped });

export const exactOptional = <Wrapped extends v.GenericSchema>(
  wrapped: Wrapped,
): v.ExactOptionalSchema<Wrapped, undefined> => schema("exact_optional", wrapped.expects, { wrapped });

export const array = <Item extends v.GenericSchema>(item: Item): v.ArraySchema<Item, undefined> =>
  schema("array", "Array", { item });

export const looseObject = <Entries extends v.ObjectEntries>(
  entries: Entries,
): v.LooseObjectSchema<Entries, undefined> => schema("loose_object", "Object", { entries });

/** The parts that a check reads; the last three by the kind of the schema. */
interface SchemaParts {
  readonly type: string;
  readonly expects: string | null;
  readonly wrapped?: SchemaParts;
  readonly item?: SchemaParts;
  readonly entries?: Readonly<Record<string, SchemaParts>>;
}

type SchemaIssue = v.BaseIssue<unknown>;

/** The cast is safe where type and content are those of the kind, as above. */
function schema<Kind extends v.GenericSchema>(
  type: string,
  expects: string = type,
  content: Omit<SchemaParts, "type" | "expects"> = {},
): Kind {
  const made = {
    kind: "schema",
    type,
    reference: schema,
    expects,
    async: false,
    ...content,
    "~standard": { version: 1, vendor: "valibot", validate: (value: unknown) => made["~run"]({ value }) },
    "~run"({ value }: { readonly value: unknown }) {
      const issues = issuesOf(this, value);
      return issues.length > 0 ? { typed: false, value, issues } : { typed: true, value };
    },
  };
  return made as unknown as Kind;
}

/** With so many issues, the rest of a list is not checked. A long list that fails everywhere would take a second, and the first issues say enough. */
const MAX_ISSUES = 20;

/** Where a value does not fit. */
function issuesOf({ type, expects, wrapped, item, entries }: SchemaParts, value: unknown): SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  if (type === "unknown" || type === typeof value || (type === "nullable" && value === null)) return issues;
  if (wrapped) return issuesOf(wrapped, value);
  if (item && Array.isArray(value)) {
    value.some((_, at) => issues.push(...issuesAt(value, at, item)) >= MAX_ISSUES);
    return issues;
  }
  if (entries && Object(value) === value) {
    return Object.entries(entries).flatMap(([key, field]) =>
      field.type === "exact_optional" && !(key in Object(value)) ? [] : issuesAt(value, key, field),
    );
  }
  const received = jsonTypeOf(value);
  const message = `Invalid type: Expected ${expects} but received ${received}`;
  return [{ kind: "schema", type, input: value, expected: expects, received, message }];
}

/** The issues of one field of an object, or of one element of an array. */
function issuesAt(input: unknown, key: string | number, inner: SchemaParts): SchemaIssue[] {
  const at = { type: "unknown", origin: "value", input, key, value: Object(input)[key] } as const;
  return issuesOf(inner, at.value).map((issue) => ({ ...issue, path: [at, ...(issue.path ?? [])] }));
}
