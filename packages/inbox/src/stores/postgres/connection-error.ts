/** How clients and the server name a connection that is gone. Node: ECONNRESET, EPIPE. postgres.js: CONNECTION_…. SQLSTATE: class 08, and a server that shuts down. */
const BROKEN = /^(?:ECONNRESET|EPIPE|CONNECTION_(?:CLOSED|ENDED|DESTROYED)|08\w{3}|57P0[123])$/;

/** What `pg` says, without a code, of a connection that broke. */
const BROKEN_MESSAGE = /^(?:Connection terminated|Client has encountered a connection error)/;

/**
 * Whether a statement failed because its connection was gone, as after a failover, a restart or a pooler's timeout: on another connection
 * it may succeed. The server may have run it all the same.
 */
export function isConnectionError(error: unknown): boolean {
  const { code, message } = Object(error);
  return BROKEN.test(String(code)) || BROKEN_MESSAGE.test(String(message));
}
