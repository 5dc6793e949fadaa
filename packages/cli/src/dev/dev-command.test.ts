import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canBeTerminal, emptyFolder, jsonLines, runCli } from "../../test/run-cli.ts";
import { bodyOf, deliver, startDev } from "../../test/start-dev.ts";
import { startServer } from "../../test/start-server.ts";

const recordingsIn = (cwd: string) => {
  const folder = join(cwd, ".popp/recordings");
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((id) => ({
      id,
      request: JSON.parse(readFileSync(join(folder, id, "request.json"), "utf8")),
      response: JSON.parse(readFileSync(join(folder, id, "response.json"), "utf8")),
      body: readFileSync(join(folder, id, "body.bin")),
    }));
};

describe("dev", () => {
  it("makes a secret, accepts what is signed with it, records it, and shows it on the page", async () => {
    const dev = await startDev();
    expect(dev.output()).toContain(dev.secret);
    const body = bodyOf("first");
    const answer = await deliver(dev, body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "accepted" });
    await dev.saw(/200 genuine {2}CONVERSATION_COMPLETED {2}first/);

    const [recording] = recordingsIn(dev.cwd);
    expect(recording?.request).toMatchObject({
      verdict: "genuine",
      event: "CONVERSATION_COMPLETED",
      eventId: "first",
      isCut: false,
    });
    expect(recording?.response).toMatchObject({ status: 200, from: "dev", body: '{"status":"accepted"}' });
    expect(recording?.body.toString()).toBe(body);
    expect(statSync(join(dev.cwd, ".popp")).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(dev.cwd, ".popp/.gitignore"), "utf8")).toBe("*\n");

    const page = await fetch(`${dev.origin}/`);
    expect(page.headers.get("content-type")).toContain("text/html");
    const listed = await (await fetch(`${dev.origin}/?api=page`)).text();
    expect(listed).toContain("first");
    expect(await (await fetch(`${dev.origin}/?api=recordings`)).text()).toContain(recording?.id);
    expect((await dev.stop()).code).toBe(130);
  });

  it("records a refused request too, and explains a 401 in a sentence", async () => {
    const dev = await startDev();
    const body = bodyOf("spoilt");
    const signed = await deliver(dev, body);
    expect(signed.status).toBe(200);
    const signature = recordingsIn(dev.cwd)[0]?.request.headers.find(([name]: [string]) => name === "x-signature")[1];
    const spoilt = await fetch(dev.webhook, {
      method: "POST",
      body: `${body}\n`,
      headers: { "x-signature": signature },
    });
    expect(spoilt.status).toBe(401);
    await dev.saw(/401 wrong signature[^\n]*\n[^\n]*line end or white space was added/);
    expect((await fetch(dev.webhook, { method: "POST", body })).status).toBe(401);
    await dev.saw(/401 not signed/);
    expect((await fetch(dev.webhook)).status).toBe(405);
    expect(recordingsIn(dev.cwd).map(({ request }) => request.verdict)).toEqual([
      "genuine",
      "wrong signature",
      "not signed",
      "not verified",
    ]);
    expect(dev.output().replace(/^Secret.*$/m, "")).not.toContain(dev.secret);
  });

  it("forwards the bytes and the header pairs in their order, and hands on the answer", async () => {
    const target = await startServer(() => ({
      status: 418,
      body: new Uint8Array([0, 255, 10]),
      headers: { "x-answer": "yes" },
    }));
    const dev = await startDev(["--forward", `${target.url}/hooks?a=1`], {
      env: { POPP_WEBHOOK_SECRET: "of the environment" },
    });
    const bytes = Buffer.from([0xff, 0, 0x7b, 0x0d, 0x0a, 0xfe]);
    const answer = await new Promise<{ status: number | undefined; header: unknown; body: Buffer }>((resolve) => {
      const headers = [
        "X-Signature",
        "one",
        "b-header",
        "2",
        "X-SIGNATURE",
        "two",
        "A-Header",
        " 1",
        "Host",
        "popp.example",
      ];
      request(
        dev.webhook,
        { method: "POST", headers: [...headers, "Content-Length", `${bytes.length}`] as never },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve({ status: response.statusCode, header: response.headers["x-answer"], body: Buffer.concat(chunks) });
        },
      ).end(bytes);
    });
    expect(answer).toEqual({ status: 418, header: "yes", body: Buffer.from([0, 255, 10]) });
    const [seen] = target.seen;
    expect(seen).toMatchObject({ method: "POST", url: "/hooks?a=1", body: bytes });
    const pairs = seen?.rawHeaders.slice(2, 10);
    expect(pairs).toEqual(["X-Signature", "one", "b-header", "2", "X-SIGNATURE", "two", "A-Header", "1"]);
    await dev.saw(/418 unreadable signature[\s\S]*00ff0a/);
    expect(recordingsIn(dev.cwd)[0]?.response).toMatchObject({
      status: 418,
      encoding: "base64",
      from: `${target.url}/hooks?a=1`,
    });
  });

  it("routes an event to its own address, and answers 502 where nothing listens", async () => {
    const all = await startServer(() => ({ status: 200 }));
    const own = await startServer(() => ({ status: 200 }));
    const gone = await startServer(() => ({ status: 200 }));
    gone.server.close();
    const dev = await startDev([
      ...["--forward", all.url, "--route", `conversation_completed=${own.url}`],
      ...["--route", `DOCUMENT_UPLOADED=${gone.url}`],
    ]);
    await deliver(dev, bodyOf("routed"));
    expect([all.seen.length, own.seen.length]).toEqual([0, 1]);
    const other = JSON.stringify({ ...JSON.parse(bodyOf("other")), event: "OFFER_SENT" });
    await deliver(dev, other);
    expect([all.seen.length, own.seen.length]).toEqual([1, 1]);
    const document = JSON.stringify({ ...JSON.parse(bodyOf("gone")), event: "DOCUMENT_UPLOADED" });
    const answer = await deliver(dev, document);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({
      error: { code: "UNREACHABLE", message: expect.stringContaining("Nothing listens") },
    });
  });

  it("answers any name on the webhook, and on the page loopback names and those given", async () => {
    const dev = await startDev(["--host-name", "popp.test"]);
    const statusOf = (path: string, host: string, headers: Record<string, string> = {}) =>
      new Promise<number | undefined>((resolve) => {
        request(`${dev.origin}${path}`, { headers: { host, ...headers } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
    expect(await statusOf("/webhooks/popp", "abc.ngrok.app")).toBe(405);
    expect(await statusOf("/", "abc.ngrok.app")).toBe(403);
    expect(await statusOf("/?api=page", "abc.ngrok.app:443")).toBe(403);
    expect(await statusOf("/", "localhost.evil.example")).toBe(403);
    for (const host of ["localhost:1", "127.0.0.1", "[::1]:5", "popp.test"])
      expect(await statusOf("/", host)).toBe(200);
    expect(await statusOf("/readyz", "any.example")).toBe(200);
  });

  it("prints one object a line with --json", async () => {
    const dev = await startDev(["--json"]);
    await deliver(dev, bodyOf("json"));
    await dev.saw(/"type":"delivery"/);
    const { stdout } = await dev.stop();
    expect(jsonLines(stdout)).toEqual([
      { type: "listening", webhook: dev.webhook, page: `${dev.origin}/`, secretFrom: ".popp/secret" },
      expect.objectContaining({
        type: "delivery",
        eventId: "json",
        status: 200,
        verdict: "genuine",
        body: '{"status":"accepted"}',
      }),
    ]);
    expect(stdout).not.toContain(dev.secret);
  });

  it.skipIf(!canBeTerminal)("replays the last request and quits by keys in a terminal", async () => {
    const dev = await startDev([], { terminal: true });
    await dev.saw(/r replays/);
    await deliver(dev, bodyOf("again"));
    await dev.saw(/"accepted"/);
    dev.child.stdin?.write("r");
    await dev.saw(/"duplicate"/);
    dev.child.stdin?.write("q");
    expect((await dev.ended).code).toBe(0);
    expect(recordingsIn(dev.cwd)).toHaveLength(2);
  });

  it("asks no keys in a terminal with --no-input", async () => {
    const dev = await startDev(["--no-input"], { terminal: canBeTerminal });
    expect(dev.output()).toContain("Ctrl+C ends it");
  });

  it("says what to do when the port is in use, with exit code 3", async () => {
    const dev = await startDev();
    const { code, stderr } = await runCli(["dev", "--port", new URL(dev.origin).port]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/Port \d+ is in use.*--port/);
  });

  it.each([
    [["--port", "99999"], {}, /--port takes a whole number/],
    [["--forward", "localhost:3000"], {}, /Did you mean http:\/\/localhost:3000/],
    [["--route", "CONVERSATION_COMPLETE=http://127.0.0.1"], {}, /Did you mean CONVERSATION_COMPLETED\?/],
    [["--path", "webhook"], {}, /--path takes a path/],
    [[], { POPP_WEBHOOK_SECRET: " spaced" }, /begins or ends with white space/],
  ])("refuses %j %j", async (args, env, sentence) => {
    const { code, stderr } = await runCli(["dev", ...args], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  it("refuses a store that is another program's, with exit code 4", async () => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, ".popp"));
    writeFileSync(
      join(cwd, ".popp/inbox.db"),
      "this is no database, but it is long enough to look like a header".repeat(20),
    );
    const { code, stderr } = await runCli(["dev", "--port", "0"], { cwd });
    expect(stderr).toMatch(/\.popp\/inbox\.db/);
    expect(code).toBe(4);
  });
});
