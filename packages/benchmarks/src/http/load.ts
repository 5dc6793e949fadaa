import { connect } from "node:net";

/** How a load is put on a server. */
export interface Load {
  readonly connections: number;
  readonly durationMs: number;
}

/**
 * Sends requests over keep-alive connections, the next on each as soon as the last was answered, and counts the answers.
 *
 * Fails on any answer but 200, and on a duplicate: a server that has nothing to do would look quick.
 *
 * A client of our own, that writes bytes which were made before: the load generators of the field take longer for each distinct
 * request than the servers do to answer it, and then every server looks alike.
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
 * Keeps the event loop from sleeping until it is told to: waking the client's core is charged to the server that writes, takes longer on
 * a virtual machine than all else that a quick server does, and only those slower than the client would pay for it.
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
