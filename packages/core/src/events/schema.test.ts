import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { jsonTypeOf } from "../errors/issue.ts";
import { events } from "./catalog.ts";
import * as own from "./schema.ts";

type Schema = v.GenericSchema<unknown>;

/** One schema of each kind, nested in the ways that the catalog nests them, by our functions or by valibot's. */
function model(from: typeof own | typeof v): Schema {
  const { array, boolean, exactOptional, looseObject, nullable, number, string, unknown } = from as typeof v;
  const inner = looseObject({ name: exactOptional(nullable(string())), isMet: exactOptional(nullable(boolean())) });
  return looseObject({
    recordId: string(),
    score: exactOptional(nullable(number())),
    anything: exactOptional(unknown()),
    inner: exactOptional(nullable(inner)),
    list: exactOptional(nullable(array(inner))),
    texts: nullable(array(string())),
  });
}

const ours = model(own);
const valibots = model(v);

/** A value of any JSON type, but no array where valibot would make an object of it. */
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant({}));
const near = <T>(fitting: fc.Arbitrary<T>) => fc.oneof({ weight: 8, arbitrary: fitting }, leaf);
const inner = fc.record({ name: near(fc.string()), isMet: near(fc.boolean()), more: leaf }, { requiredKeys: [] });
const data = near(
  fc.record(
    {
      recordId: near(fc.string()),
      score: near(fc.double()),
      anything: leaf,
      inner: near(inner),
      list: near(fc.array(near(inner), { maxLength: 3 })),
      texts: near(fc.array(near(fc.string()), { maxLength: 3 })),
      unknown: leaf,
    },
    { requiredKeys: [] },
  ),
);

/** What a schema says of a value: the value, or the place and the type of each thing that does not fit. */
function verdict(schema: Schema, value: unknown): unknown {
  const { success, output, issues } = v.safeParse(schema, value);
  if (success) return { output };
  return issues.map((issue) => `${v.getDotPath(issue)}: ${jsonTypeOf(issue.input)}`);
}

describe("the schemas of the catalog", () => {
  it("decide as valibot's own, and find the same issues", () => {
    let fitting = 0;
    fc.assert(
      fc.property(data, (generated) => {
        const value: unknown = JSON.parse(JSON.stringify(generated));
        expect(verdict(ours, value)).toEqual(verdict(valibots, value));
        if (v.is(ours, value)) fitting++;
      }),
      { seed: 20_261_125, numRuns: 3_000 },
    );
    expect(fitting).toBeGreaterThan(100);
    expect(fitting).toBeLessThan(2_900);
  });

  it("stop in a list that has 20 issues", () => {
    let lookedAt = 0;
    const texts = new Proxy(Array(500_000).fill(7), {
      get(target, name) {
        if (/^\d+$/.test(String(name))) lookedAt = Math.max(lookedAt, Number(name));
        return Reflect.get(target, name);
      },
    });
    const { issues = [] } = v.safeParse(ours, { recordId: "r", texts });
    expect(issues.map((issue) => v.getDotPath(issue))).toEqual(Array.from({ length: 20 }, (_, at) => `texts.${at}`));
    expect(lookedAt).toBe(19);
  });

  it("name types and never values", () => {
    const [issue] = v.safeParse(ours, { recordId: "r", texts: [7] }).issues ?? [];
    expect(issue).toMatchObject({ expected: "string", message: "Invalid type: Expected string but received number" });
    expect(v.safeParse(ours, { recordId: { name: "Ada" }, texts: null }).issues?.[0]?.message).not.toContain("Ada");
  });

  const event = { recordId: "r", organizationId: "o" };

  it("work with valibot's functions, alone and inside of its schemas", () => {
    const schema = events.CONVERSATION_STARTED;
    expect(v.parse(schema, event)).toEqual(event);
    expect(() => v.parse(schema, {})).toThrow("Invalid type: Expected string but received nothing");
    const within = v.looseObject({ list: v.array(v.union([schema, v.string()])) });
    expect(v.is(within, { list: [event, "text"] })).toBe(true);
    const nested = v.safeParse(v.looseObject({ list: v.array(schema) }), { list: [event, { recordId: 7 }] });
    expect(nested.issues?.map((issue) => v.getDotPath(issue))).toEqual(["list.1.recordId", "list.1.organizationId"]);
    const piped = v.pipe(
      schema,
      v.transform(({ recordId }) => recordId),
    );
    expect(v.parse(piped, event)).toBe("r");
    expect(v.is(piped, { recordId: 7 })).toBe(false);
    expect(v.parse(v.optional(v.fallback(schema, event)), 7)).toEqual(event);
  });

  it("follow Standard Schema", async () => {
    const { validate, vendor, version } = events.CONVERSATION_STARTED["~standard"];
    expect({ vendor, version }).toEqual({ vendor: "valibot", version: 1 });
    expect(await validate(event)).toMatchObject({ value: event });
    expect((await validate({ recordId: "r" })).issues).toMatchObject([{ path: [{ key: "organizationId" }] }]);
  });
});
