/** The path that every server answers at. */
export const PATH = "/webhooks";
