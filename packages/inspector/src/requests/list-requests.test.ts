import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestScene } from "../../test/requests.ts";
import { scene } from "../../test/scene.ts";
import { type Access, toInspector } from "../index.ts";

const staged = scene();
const { recordings, genuine, forged, unsigned } = requestScene(staged);

async function get(query: string, body: Access["body"] = "shown"): Promise<Response> {
  const authorize = () => ({ name: "ada", can: "read", body }) as const;
  const inspector = toInspector(staged.inbox, { authorize, recordings });
  return inspector.fetch(new Request(`https://popp.test/?${query}`));
}

const verdicts = async (query: string) =>
  (await (await get(query)).json()).rows.map(({ verdict }: { verdict: string }) => verdict);

beforeAll(async () => {
  for (let at = 0; at < 205; at++) await genuine(`evt_${at}`);
  await forged("evt_forged");
  await unsigned("evt_unsigned");
});
afterAll(() => staged.inbox.close());

describe("the list of requests", () => {
  it("has pages, and finds across them", async () => {
    const ids: string[] = [];
    for (let before: string | null = ""; before !== null; ) {
      const page: { rows: { id: string }[]; next: string | null } = await (
        await get(`api=recordings&limit=69${before && `&before=${before}`}`)
      ).json();
      ids.push(...page.rows.map(({ id }) => id));
      before = page.next;
    }
    expect([ids.length, new Set(ids).size]).toEqual([207, 207]);
    const { rows, next } = await (await get("api=recordings&find=evt_0&limit=1")).json();
    expect([rows.length, next]).toEqual([1, null]);
  });

  it("filters by answer, event and words", async () => {
    expect(await verdicts("api=recordings&answer=refused")).toEqual(["no signature", "wrong signature"]);
    expect(await verdicts("api=recordings&find=TENANT")).toEqual(["no signature"]);
    expect(await verdicts("api=recordings&answer=none")).toEqual([]);
    expect(await verdicts("api=recordings&event=CONVERSATION_COMPLETED")).toEqual([]);
    expect(await verdicts("api=recordings&until=2020-01-01T00:00:00Z")).toEqual([]);
  });

  it.each(["answer=good", "limit=0", "since=yesterday"])("says what is wrong with %s", async (query) => {
    expect((await get(`api=recordings&${query}`)).status).toBe(400);
  });
});

describe("a request", () => {
  it.each(["masked", "reveal"] as const)("keeps its values on the server with %s", async (body) => {
    const list = await (await get("api=recordings&limit=1", body)).text();
    const { id } = JSON.parse(list).rows[0];
    const detail = await (await get(`api=recording&key=${id}`, body)).text();
    expect(list + detail).not.toMatch(/jane|localhost|Popp\/1/);
    expect(JSON.parse(detail)).toMatchObject({ verdict: "no signature", isMasked: true, body: { hex: null } });
  });

  it("is 404 when it is not there", async () => {
    expect((await get("api=recording&key=gone")).status).toBe(404);
  });
});
