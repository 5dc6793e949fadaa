import { connect } from "node:net";

/** The load on a server. */
export interface Load {
  readonly connections: number;
  readonly durationMs: number;
}

/**
 * Sends requests over keep-alive connections and counts the answers. Each connection sends its next request when the last was answered.
 *
 * Fails on any status but 200 and on a duplicate, because a server that does nothing would look fast.
 *
 * This client writes prepared bytes. Load generators need longer to create each distinct request than the servers need to
 * answer it, and then all servers look equally fast.
 */
export async function load(
  port: number,
  nextRequest: () => Buffer,
  { connections, durationMs }: Load,
): Promise<number> {
  const end = Date.now() + durationMs;
  const sleep = stayAwake();
  try {
    const counts = await Promise.all(Array.from({ length: connections }, () => keepSending(port, nextRequest, end)));
    return counts.reduce((sum, count) => sum + count, 0);
  } finally {
    sleep();
  }
}

/**
 * Keeps the event loop busy until it is stopped. Waking a sleeping client is charged to the server that writes. On a virtual
 * machine that takes longer than the work of a fast server, and only servers slower than the client would pay for it.
 */
function stayAwake(): () => void {
  let next = setImmediate(goOn);
  function goOn(): void {
    next = setImmediate(goOn);
  }
  return () => clearImmediate(next);
}

function keepSending(port: number, nextRequest: () => Buffer, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let answered = 0;
    const next = () => socket.write(nextRequest());
    socket.on("connect", next);
    socket.on("data", (data) => {
      if (data.toString("latin1", 9, 12) !== "200" || data.includes(DUPLICATE))
        return reject(new Error(`expected 200 for a new delivery, but received ${data.toString("latin1")}`));
      answered++;
      if (Date.now() < end) next();
      else {
        socket.destroy();
        resolve(answered);
      }
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed a connection that was to be kept alive")));
  });
}

const DUPLICATE = '"duplicate"';
