import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { events } from "../events/catalog.ts";
import type { EventSchema } from "../events/envelope.ts";
import { compile } from "./compile-schema.ts";

/** Data made of the fields that a schema names, each with a value of any JSON type: near misses rather than noise. */
function nearMisses(schema: EventSchema<unknown>): fc.Arbitrary<unknown> {
  const entries = "entries" in schema ? Object.entries(schema.entries as Record<string, EventSchema<unknown>>) : [];
  if (entries.length === 0) return leaf;
  const fields = Object.fromEntries(entries.map(([name, field]) => [name, valueFor(field)]));
  return fc.record(fields, { requiredKeys: [] });
}

const leaf = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
);

function valueFor(schema: EventSchema<unknown>): fc.Arbitrary<unknown> {
  let inner: EventSchema<unknown> = schema;
  while ("wrapped" in inner) inner = inner.wrapped as EventSchema<unknown>;
  if ("item" in inner)
    return fc.oneof(
      { weight: 4, arbitrary: fc.array(nearMisses(inner.item as EventSchema<unknown>), { maxLength: 3 }) },
      leaf,
    );
  if ("entries" in inner) return fc.oneof({ weight: 4, arbitrary: nearMisses(inner) }, leaf);
  const fitting = { string: fc.string(), number: fc.integer(), boolean: fc.boolean() }[String(inner.type)] ?? leaf;
  return fc.oneof({ weight: 12, arbitrary: fitting }, leaf);
}

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("compile", () => {
  it.each(Object.entries(events))("is as strict as valibot on %s", (_, schema) => {
    const check = compile(schema);
    let fitting = 0;
    fc.assert(
      fc.property(nearMisses(schema), (generated) => {
        const data = json(generated);
        const accepted = check?.(data);
        if (accepted) fitting++;
        // What the check cannot tell it leaves to valibot; what it accepts, valibot must give back unchanged.
        if (accepted) expect(v.safeParse(schema, data)).toMatchObject({ success: true, output: data });
        else expect(containsArrayAsObject(data) || !v.is(schema, data)).toBe(true);
      }),
      { seed: 20_261_125, numRuns: 400 },
    );
    expect(fitting).toBeGreaterThan(0);
  });

  /** Valibot takes an array for a loose object; the check leaves that to it. */
  function containsArrayAsObject(data: unknown): boolean {
    return JSON.stringify(data).includes("[]");
  }

  it.each<[string, EventSchema<unknown>]>([
    ["a transform", v.pipe(v.string(), v.transform(Number))],
    ["a pipe that only checks", v.pipe(v.string(), v.minLength(1))],
    ["a default", v.looseObject({ a: v.optional(v.string(), "x") })],
    ["an object that drops unknown fields", v.object({ a: v.string() })],
    ["an object that refuses unknown fields", v.strictObject({ a: v.string() })],
    ["a union", v.union([v.string(), v.number()])],
    ["a record", v.record(v.string(), v.string())],
    ["a transform deep inside", v.looseObject({ a: v.array(v.nullable(v.pipe(v.string(), v.trim()))) })],
  ])("leaves %s to valibot", (_, schema) => {
    expect(compile(schema)).toBeUndefined();
  });
});
