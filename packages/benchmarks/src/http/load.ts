import { connect } from "node:net";

/** How a load is put on a server. */
export interface Load {
  readonly connections: number;
  readonly durationMs: number;
}

/**
 * Sends requests over keep-alive connections, the next on each as soon as the last was answered, and counts the answers.
 *
 * A client of our own, that writes bytes which were made before: the load generators of the field take longer for each distinct
 * request than the servers do to answer it, and then every server looks alike.
 */
export async function load(
  port: number,
  requests: readonly Buffer[],
  { connections, durationMs }: Load,
): Promise<number> {
  const end = Date.now() + durationMs;
  const counts = await Promise.all(Array.from({ length: connections }, () => keepSending(port, requests, end)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Where each connection goes on, so that a delivery comes round again only when all others have been sent. */
let sent = 0;

function keepSending(port: number, requests: readonly Buffer[], end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let answered = 0;
    const next = () => socket.write(requests[sent++ % requests.length] ?? Buffer.alloc(0));
    socket.on("connect", next);
    socket.on("data", (data) => {
      if (data.toString("latin1", 9, 12) !== "200")
        return reject(new Error(`expected 200, but received ${data.toString("latin1", 0, 200)}`));
      answered++;
      if (Date.now() < end) next();
      else {
        socket.destroy();
        resolve(answered);
      }
    });
    socket.on("error", reject);
  });
}
