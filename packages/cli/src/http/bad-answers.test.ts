import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCli } from "../../test/run-cli.ts";
import { bodyOf, deliver, startDev } from "../../test/start-dev.ts";

const env = { POPP_WEBHOOK_SECRET: "a signing secret" };

/** A server that writes what it is told, which may be no HTTP. */
async function startRaw(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    socket.once("data", () => answer(socket));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function writeForever(socket: Socket): void {
  const chunk = Buffer.alloc(65_536, "a");
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  socket.on("drain", write);
  write();
}

describe("an answer that is none", () => {
  it.each([
    ["switches protocols", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", /not HTTP/],
    ["has an impossible status", "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n", /not HTTP/],
    ["is another protocol", "220 smtp.example ESMTP\r\n", /not HTTP/],
    ["has a broken header", "HTTP/1.1 200 OK\r\nbroken header: x\r\n\r\n", /not HTTP/],
    ["is shorter than it says", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort", /closed the connection/],
  ])("%s", async (_, bytes, sentence) => {
    const url = await startRaw((socket) => void socket.end(bytes));
    const { code, stderr } = await runCli(["send", "--url", url], { env });
    expect(stderr).toMatch(sentence);
    expect(code).toBe(3);
  });

  it("is cut off when it has no end", async () => {
    const url = await startRaw(writeForever);
    const { code, stderr } = await runCli(["send", "--url", url], { env });
    expect(stderr).toMatch(/larger than 16 MiB/);
    expect(code).toBe(1);
    const dev = await startDev(["--forward", url], { env });
    expect((await deliver(dev, bodyOf("endless"))).status).toBe(502);
    await dev.saw(/ANSWER_TOO_LARGE/);
  });

  it("shows an address without its password", async () => {
    const url = await startRaw((socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    const dev = await startDev(["--forward", url.replace("//", "//user:hunter2@")], { env });
    await deliver(dev, bodyOf("login"));
    await dev.saw(/from http:\/\/user:\*\*\*@/);
    expect(dev.output()).not.toContain("hunter2");
    const { stdout } = await runCli(["recordings", "last", "--json"], { cwd: dev.cwd });
    expect(stdout).not.toContain("hunter2");
  });
});
