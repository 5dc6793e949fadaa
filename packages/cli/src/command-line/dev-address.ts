/** Where `dev` listens, and where `send` and `replay` send to, unless they are told. */
export const DEV_PORT = 4400;

/** The path of the webhook. */
export const WEBHOOK_PATH = "/webhooks/popp";

/** The address of the webhook of a `dev` on this machine. */
export const DEV_URL: string = `http://127.0.0.1:${DEV_PORT}${WEBHOOK_PATH}`;
