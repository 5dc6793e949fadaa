export const PAGE: string = "<!doctype html><title>Inspector</title>";
export const POLICY: string = "default-src 'none'";
