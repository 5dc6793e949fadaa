/** The path of the webhook on every server. */
export const PATH = "/webhooks";
