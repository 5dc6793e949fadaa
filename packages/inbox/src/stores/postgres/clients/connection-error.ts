/** The codes of a broken connection. Node: ECONNRESET, EPIPE. postgres.js: CONNECTION_…. SQLSTATE: class 08, and a server that shuts down. */
const BROKEN = /^(?:ECONNRESET|EPIPE|CONNECTION_(?:CLOSED|ENDED|DESTROYED)|08\w{3}|57P0[123])$/;

/** The messages of `pg` for a broken connection, which have no code. */
const BROKEN_MESSAGE = /^(?:Connection terminated|Client has encountered a connection error)/;

/**
 * Whether a statement failed because its connection was broken, as after a failover, a restart or a pooler's timeout. It may succeed on another
 * connection. The server may have run it all the same.
 */
export function isConnectionError(error: unknown): boolean {
  const { code, message } = Object(error);
  return BROKEN.test(String(code)) || BROKEN_MESSAGE.test(String(message)) || isReadOnly(Object(error).cause);
}

/** Whether a statement was refused because the server is read-only, such as a primary that a failover has demoted. Another connection may lead to the new one. */
export function isReadOnly(error: unknown): boolean {
  return Object(error).code === "25006";
}
