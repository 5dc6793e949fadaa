import { describe, expect, it } from "vitest";
import type { StartedApp } from "../../packages/next/test/start-app.ts";
import { fixture, signedRequest } from "../../packages/testing/src/index.ts";

/** What an example with an inspector is started with. */
export const TOKENS = {
  POPP_WEBHOOK_SECRET: "a-secret-of-ours",
  ADMIN_TOKEN: "the-token-of-an-admin",
  READER_TOKEN: "the-token-of-a-reader",
} as const;

/** The options of {@link describeInspector}. */
export interface MountedOptions {
  /** The path of the webhook. Default: `/webhooks/popp`. */
  readonly webhook?: string;
  /** Has due events handled, where nothing does it by itself. */
  readonly sweep?: (app: StartedApp) => Promise<unknown>;
}

/** Uses a mounted inspector at `/admin/popp` over HTTP, and checks whom it refuses. */
export function describeInspector(appOf: () => StartedApp, options: MountedOptions = {}): void {
  const { webhook = "/webhooks/popp", sweep } = options;
  const headersOf = (token?: string, more: object = {}) => ({
    ...(token !== undefined && { cookie: `theme=dark; token=${token}` }),
    ...more,
  });
  const get = (query: string, token?: string, more?: object) =>
    fetch(`${appOf().url}/admin/popp${query}`, { headers: headersOf(token, more) });
  const post = (api: string, input: object, token: string, more: object = {}) =>
    fetch(`${appOf().url}/admin/popp?api=${api}`, {
      method: "POST",
      body: JSON.stringify(input),
      headers: headersOf(token, { "content-type": "application/json", ...more }),
    });
  const json = async (query: string) => (await get(query, TOKENS.ADMIN_TOKEN)).json();
  async function deliver(): Promise<string> {
    const eventId = crypto.randomUUID();
    const payload = { ...fixture("CONVERSATION_COMPLETED"), eventId };
    const request = await signedRequest(payload, {
      secret: TOKENS.POPP_WEBHOOK_SECRET,
      url: `${appOf().url}${webhook}`,
    });
    expect((await fetch(request)).status).toBe(200);
    return eventId;
  }
  const becomesDone = (key: string) =>
    expect
      .poll(async () => {
        await sweep?.(appOf());
        return (await json(`?api=get&key=${key}`)).state;
      })
      .toBe("done");

  describe("the inspector", () => {
    it("shows its page, under its policy", async () => {
      const response = await get("", TOKENS.ADMIN_TOKEN);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'sha256-");
      expect(await response.text()).toContain("<title>Inspector</title>");
    });

    it("lists a delivery", async () => {
      const key = await deliver();
      const { rows } = await json("?api=page");
      expect(rows[0]).toMatchObject({ key, name: "CONVERSATION_COMPLETED" });
    });

    it("tells of a delivery, as a stream or when asked", async () => {
      const before = await json("?api=changes");
      const response = await get(`?api=live&last=${before.id}`, TOKENS.ADMIN_TOKEN);
      expect(response.status).toBe(200);
      await deliver();
      if (response.headers.get("content-type")?.startsWith("application/json"))
        return expect((await json("?api=changes")).id).not.toBe(before.id);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!text.includes("data:")) text += (await reader?.read())?.value;
      await reader?.cancel();
      expect(text).not.toContain(`id: ${before.id}\n`);
    });

    it("redrives an event", async () => {
      const key = await deliver();
      await becomesDone(key);
      const response = await post("redrive", { key, force: true }, TOKENS.ADMIN_TOKEN);
      expect([response.status, await response.json()]).toMatchObject([200, { redriven: 1 }]);
      await becomesDone(key);
      const { history } = await json(`?api=get&key=${key}`);
      expect(history.map(({ kind }: { kind: string }) => kind)).toEqual(["attempt", "redrive", "attempt"]);
    });

    it("refuses acts of a reader, of a foreign origin, and of nobody", async () => {
      const key = await deliver();
      const origin = { origin: "https://evil.example" };
      const answers = [
        await post("redrive", { key, force: true }, TOKENS.READER_TOKEN),
        await post("redrive", { key, force: true }, TOKENS.ADMIN_TOKEN, origin),
        await get("?api=page", TOKENS.ADMIN_TOKEN, origin),
        await post("redrive", { key, force: true }, "undefined"),
        await get("?api=page"),
        await get(""),
      ];
      expect(answers.map(({ status }) => status)).toEqual([405, 403, 403, 403, 403, 403]);
      const own = { origin: appOf().url };
      expect((await post("redrive", { key, dryRun: true, force: true }, TOKENS.ADMIN_TOKEN, own)).status).toBe(200);
      await becomesDone(key);
      const { history } = await json(`?api=get&key=${key}`);
      expect(history.map(({ kind }: { kind: string }) => kind)).toEqual(["attempt"]);
    });

    it("masks values", async () => {
      const key = await deliver();
      const text = JSON.stringify(await json(`?api=get&key=${key}`));
      expect(text).toContain("•••");
      expect(text).not.toContain(fixture("CONVERSATION_COMPLETED").data.candidateId);
    });
  });
}
