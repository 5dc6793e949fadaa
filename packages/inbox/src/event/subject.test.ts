import { describe, expect, it } from "vitest";
import { indexOf, subjectFields, subjectsOf } from "./subject.ts";
import { nameTagOf, tagOf, tagsOfValue, tagsToFollow } from "./tag.ts";

const fields = subjectFields(["own"]);

describe("what an event is about", () => {
  it("is found wherever in the data it stands, and numbers count as texts", () => {
    const data = {
      recordId: "r",
      list: [{ candidateId: 7 }],
      deep: { own: "o", name: "Ann" },
      externalId: "",
      bookingId: null,
    };
    expect(subjectsOf(data, fields)).toEqual([
      { field: "recordId", value: "r" },
      { field: "candidateId", value: "7" },
      { field: "own", value: "o" },
    ]);
  });

  it("costs little, whatever the data", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({ candidateId: `cand_${at}` }));
    expect(subjectsOf({ many }, fields).length).toBeLessThanOrEqual(64);
    expect(
      subjectsOf({ wide: Object.fromEntries(many.map((_, at) => [`f${at}`, 1])), candidateId: "late" }, fields),
    ).toEqual([]);
    let deep: object = { candidateId: "deep" };
    for (let depth = 0; depth < 50; depth++) deep = { deep };
    expect(subjectsOf(deep, fields)).toEqual([]);
    expect(subjectsOf(null, fields)).toEqual([]);
  });

  it("has one tag for each value and field, and none twice", () => {
    const { tags, recordId } = indexOf({ source: "popp", subjectFields: fields }, "NAME", {
      ...{ recordId: "a", candidateId: "a" },
      list: [{ candidateId: "a" }],
    });
    expect([tags, recordId]).toEqual([[tagOf("popp", "recordId", "a"), tagOf("popp", "candidateId", "a")], "a"]);
  });
});

describe("a tag", () => {
  it("is an integer below 2^52, and stays what it is: stores keep it", () => {
    expect([tagOf("popp", "recordId", "conv_1"), nameTagOf("popp", "ONE")]).toMatchInlineSnapshot(`
      [
        1563138270202672,
        4162212001072495,
      ]
    `);
    for (let at = 0; at < 10_000; at++) {
      const tag = tagOf("popp", "externalAnalysisId", `value ${at}`);
      if (!Number.isSafeInteger(tag) || tag <= 0 || tag >= 2 ** 52) expect.unreachable(`tag ${tag}`);
    }
  });

  it("differs by source, field and value", () => {
    const tags = [
      tagOf("a", "recordId", "x"),
      tagOf("b", "recordId", "x"),
      tagOf("a", "candidateId", "x"),
      tagOf("a", "recordId", "y"),
      tagOf("a", "organizationId", "x"),
      nameTagOf("a", "x"),
    ];
    expect(new Set(tags).size).toBe(tags.length);
  });

  it("of one of 200,000 values is the tag of no other", () => {
    const seen = new Set<number>();
    for (let at = 0; at < 200_000; at++) seen.add(tagOf("popp", "candidateId", `cand_${at}`));
    expect(seen.size).toBe(200_000);
  });

  it("of a person leads to the same value in other fields, and one of an organization leads nowhere", () => {
    const follow = tagsToFollow([
      tagOf("s", "recordId", "conv_1"),
      tagOf("s", "organizationId", "org_1"),
      tagOf("s", "externalId", "e"),
    ]);
    expect(new Set(follow)).toEqual(new Set(tagsOfValue("s", "conv_1")));
    expect(follow).toContain(tagOf("s", "conversationId", "conv_1"));
  });
});
