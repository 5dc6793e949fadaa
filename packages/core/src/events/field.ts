import type * as v from "valibot";
import { exactOptional, nullable, string, unknown } from "./schema.ts";

/** A field that may be absent or null. No document marks such a field as required. */
export const optional = <Schema extends v.GenericSchema>(
  schema: Schema,
): v.ExactOptionalSchema<v.NullableSchema<Schema, undefined>, undefined> => exactOptional(nullable(schema));

/** An optional string. */
export const text = (): v.ExactOptionalSchema<v.NullableSchema<v.StringSchema<undefined>, undefined>, undefined> =>
  optional(string());

/** An optional field whose name is documented and whose type is not. It accepts every value. */
export const untyped = (): v.ExactOptionalSchema<v.UnknownSchema, undefined> => exactOptional(unknown());

/** The fields that every event's data has. */
export const resource = (): {
  recordId: v.StringSchema<undefined>;
  organizationId: v.StringSchema<undefined>;
} => ({
  recordId: string(),
  organizationId: string(),
});
