import { SECRET, sign } from "../deliveries.ts";
import { PATH } from "./path.ts";

/** A signed delivery of 2 KB as sent, with our headers and those that octokit's middleware needs. */
export function request(at: number): Buffer {
  const event = {
    event: "ANALYSIS_CREATED",
    eventId: `evt_${at}`,
    eventTimestamp: "2026-11-23T10:15:00.000Z",
    data: { recordId: `rec_${at}`, organizationId: "org", note: "x".repeat(1_880) },
  };
  const body = JSON.stringify(event);
  const signature = sign(body, SECRET);
  const head = [
    `POST ${PATH} HTTP/1.1`,
    "host: 127.0.0.1",
    "content-type: application/json",
    `content-length: ${body.length}`,
    `x-signature: ${signature}`,
    "x-github-event: ping",
    `x-github-delivery: ${at}`,
    `x-hub-signature-256: sha256=${signature}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}
